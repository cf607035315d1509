import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { monotonicUs, watchThread } from "../src/clock.ts";

test("a thread is busy while it computes, and not while it waits", async () => {
  const beganUs = monotonicUs();
  const busy = watchThread();
  let computedUs = 0;
  for (let round = 0; round < 5; round++) {
    await sleep(20);
    const fromUs = monotonicUs();
    while (monotonicUs() < fromUs + 20_000);
    computedUs += monotonicUs() - fromUs;
  }
  await sleep(20);
  const share = computedUs / (monotonicUs() - beganUs);
  expect(busy()).toBeGreaterThan(share - 0.1);
  // The rest of this thread's work adds to it.
  expect(busy()).toBeLessThan(share + 0.3);
});
