import { describe, expect, test } from "vitest";
import { doseOf } from "../../src/attribution/dose.ts";
import { unevenWorkers } from "../../src/attribution/uneven-workers.ts";
import type { Run } from "../../src/result/result.ts";
import type { Warning } from "../../src/result/warnings.ts";
import { craftedRun, ofSide, queueRun } from "./crafted-run.ts";

const warningsOf = (runs: readonly Run[]): Warning[] =>
  unevenWorkers(
    runs.map((run) => doseOf(run, { group: "default", workerCount: 2, tailQuantile: 0.99 })!),
    0.99,
  );

/** Two workers with equal loads; of 100 slow requests in 10 000 the first has `slow`, one more or less by run. */
const slowOnFirst = (runs: number, slow: number): Run[] =>
  Array.from({ length: runs }, (_, order) =>
    craftedRun(
      [slow + (order % 3) - 1, 100 - slow - (order % 3) + 1].map((slowOnes) => ({
        connections: 64,
        latenciesUs: Array.from({ length: 5000 }, (_, i) => (i < slowOnes ? 20_000 + i : 500 + (i % 97))),
      })),
      { order, mode: "exact_balance" },
    ),
  );

describe("the check of load against worker", () => {
  test("names a worker that has 1.8 times its part of the tail at balance", () => {
    expect(warningsOf(slowOnFirst(5, 90)).map(({ code, message }) => ({ code, message }))).toEqual([
      {
        code: "worker-uneven",
        message:
          "worker_0 has 1.8 times its part of the tail in 5 runs in which it held no more than its share",
      },
    ]);
  });

  test("lets 1.3 times pass, and says nothing of three runs", () => {
    expect(warningsOf(slowOnFirst(8, 65))).toEqual([]);
    expect(warningsOf(slowOnFirst(3, 90))).toEqual([]);
  });

  test("does not take the workers of two servers for one because of their number", () => {
    const runs = [
      ...slowOnFirst(5, 90).map((run) => ofSide("a", run)),
      ...slowOnFirst(5, 50).map((run) => ofSide("b", run)),
    ];
    expect(warningsOf(runs).map(({ message }) => message)).toEqual([
      "worker_0 (side a, 127.0.0.1) has 1.8 times its part of the tail in 5 runs in which it held no more than its share",
    ]);
  });

  test("does not take the busiest worker's tail for the worker's", () => {
    expect(
      warningsOf([80, 90, 100, 110, 84, 96].map((held, order) => queueRun(held, { order, mode: "default" }))),
    ).toEqual([]);
  });

  test("needs the same worker: what changes sides from run to run is chance", () => {
    const runs = [...slowOnFirst(4, 90), ...slowOnFirst(4, 10)].map((run, order) =>
      Object.assign({}, run, { order }),
    );
    expect(warningsOf(runs)).toEqual([]);
  });
});
