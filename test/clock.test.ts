import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
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

/** How far a thread's clock is from CLOCK_MONOTONIC as hrtime reads it, by the closest of many readings. */
const measureErrorUs = `
  import { parentPort, workerData } from "node:worker_threads";
  const { monotonicUs } = await import(workerData);
  let [closestUs, errorUs] = [Infinity, 0];
  for (let i = 0; i < 2000; i++) {
    const before = process.hrtime.bigint();
    const us = monotonicUs();
    const after = process.hrtime.bigint();
    const widthUs = Number(after - before) / 1e3;
    if (widthUs < closestUs) [closestUs, errorUs] = [widthUs, us - Number(before + after) / 2e3];
  }
  parentPort.postMessage(Math.abs(errorUs));
`;

test("the clocks of threads agree to two microseconds", async () => {
  const clock = new URL("../src/clock.ts", import.meta.url).href;
  for (let thread = 0; thread < 10; thread++) {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(measureErrorUs)}`), {
      workerData: clock,
    });
    const [errorUs] = (await once(worker, "message")) as [number];
    // A clock that is set by its first, cold reading is 10 µs off.
    expect(errorUs).toBeLessThan(2);
  }
});
