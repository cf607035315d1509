import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { monotonicUs } from "../../src/clock.ts";
import { Spin } from "../../src/driver/spin.ts";
import * as behaviours from "../servers/behaviours.ts";
import { startServer } from "../servers/start-server.ts";
import { drive, outcomes } from "./drive.ts";

function holdThread(us: number): void {
  const endUs = monotonicUs() + us;
  while (monotonicUs() < endUs);
}

test("turns far more often than any timer could, and stops when disposed", async () => {
  let turns = 0;
  const beganUs = monotonicUs();
  {
    using _ = new Spin(() => turns++);
    await expect.poll(() => turns).toBeGreaterThan(1000);
  }
  // A timer of 1 ms would make one each.
  expect(turns).toBeGreaterThan((5 * (monotonicUs() - beganUs)) / 1e3);
  const before = turns;
  await sleep(20);
  expect(turns).toBe(before);
});

test("counts as busy what the loop spent elsewhere, and its own waiting not", async () => {
  using spin = new Spin(() => {});
  const busy = spin.watch();
  const sinceUs = monotonicUs();
  let heldUs = 0;
  for (let i = 0; i < 20; i++) {
    await nextTurn();
    const beginUs = monotonicUs();
    holdThread(5000);
    heldUs += monotonicUs() - beginUs;
  }
  await nextTurn();
  const held = heldUs / (monotonicUs() - sinceUs);
  expect(Math.abs(busy() - held)).toBeLessThan(0.1);
});

test.each([
  ["kept connections", { qps: 200 }],
  ["a connection for each request", { qps: 200, connections: 1, keepalive: false }],
] as const)("sends every request of its schedule, and no other: %s", async (_, changes) => {
  await using server = await startServer(behaviours.answersOk());
  const load = await drive(server.url, { pacing: "spin", connections: 4, durationUs: 5e5, ...changes });
  expect(outcomes(load.samples)).toEqual({ 200: 100 });
  expect(server.requests).toBe(100);
  // It never sleeps, and has next to nothing to do.
  expect(load.busiestThread).toBeLessThan(0.9);
});

test("drives as fast as it goes, too", async () => {
  await using server = await startServer(behaviours.answersOk());
  const load = await drive(server.url, { pacing: "spin", qps: 0, connections: 2, durationUs: 3e5 });
  expect(outcomes(load.samples)).toEqual({ 200: server.requests });
});
