import { expect, test } from "vitest";
import { doseOf } from "../../src/attribution/dose.ts";
import type { Run } from "../../src/result/result.ts";
import { craftedRun, exponentialGrid } from "./crafted-run.ts";

/**
 * 1000 requests a second: one connection alone on worker 0 is to send a half of them, eight others on worker 1 a sixteenth
 * each. Schedules of their own: a request every 2 ms on the heavy one, every 16 ms on the others, 9 ms were all alike.
 */
function unequalRun(heavyUs: number, lightUs: number, over: Partial<Run> = {}): Run {
  const run = craftedRun(
    [
      { connections: 1, latenciesUs: Array.from({ length: 2500 }, () => heavyUs) },
      { connections: 8, latenciesUs: Array.from({ length: 2500 }, () => lightUs) },
    ],
    { order: 0, mode: "default" },
  );
  const connections = run.connections.map((one, i) => ({ ...one, intendedShare: i === 0 ? 8 / 16 : 1 / 16 }));
  return { ...run, connections, ...over };
}

const behind = (run: Run) =>
  doseOf(run, { group: "default", workerCount: 2, tailQuantile: 0.99 })!.workers.map((one) => one.behind);

test("a heavy connection has less time from one request to the next than the others", () => {
  expect(behind(unequalRun(1900, 15_800))).toEqual([false, false]);
  expect(behind(unequalRun(2100, 16_200))).toEqual([true, true]);
});

test("of a worker that holds both it is the mean over its requests", () => {
  const run = unequalRun(1000, 1000);
  // Worker 0 with the heavy one and four light ones: (8 · 2 ms + 4 · 16 ms) ÷ 12 = 6.67 ms.
  const connections = run.connections.map((one, i) => ({ ...one, worker: i < 5 ? 0 : 1 }));
  expect(behind({ ...run, connections })).toEqual([false, false]);
  expect(behind({ ...unequalRun(6500, 1000), connections })).toEqual([false, false]);
  expect(behind({ ...unequalRun(6900, 1000), connections })).toEqual([true, false]);
});

/** Without what a file tells of unequal ones. */
const alike = (run: Run): Run => ({
  ...run,
  connections: run.connections.map((one) => ({ ...one, intendedShare: undefined }) as never),
});

test("of equal connections it is c/qps, and on HTTP/2 or at full speed there is none", () => {
  expect(behind(alike(unequalRun(8900, 9100)))).toEqual([false, true]);
  expect(behind(unequalRun(2100, 16_200, { protocol: "h2" }))).toEqual([false, false]);
  const { requested } = unequalRun(1, 1);
  expect(behind(unequalRun(2100, 16_200, { requested: { ...requested, qps: 0 } }))).toEqual([false, false]);
});

test.each([
  [0.9, 100],
  [0.99, 1000],
  [0.999, 10_000],
])("a run tells of a quantile from ten requests beyond it on: %d of %d", (tailQuantile, enough) => {
  const doseOfSo = (requests: number) =>
    doseOf(
      craftedRun([{ connections: 1, latenciesUs: exponentialGrid(requests, 300) }], { order: 0, mode: null }),
      { group: "", workerCount: 1, tailQuantile },
    );
  expect(doseOfSo(enough)?.requests).toBe(enough);
  expect(doseOfSo(enough - 1)).toBeNull();
});
