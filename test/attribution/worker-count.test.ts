import { array, assert, nat, property, uniqueArray } from "fast-check";
import { describe, expect, test } from "vitest";
import { attribute } from "../../src/attribution/attribution.ts";
import { countWorkers } from "../../src/attribution/worker-count.ts";
import type { Run } from "../../src/result/result.ts";
import { craftedRun, exponentialGrid, ofSide, queueRun, renumbered } from "./crafted-run.ts";

/** Runs that tell of workers of these numbers, each with a request, and of no other. */
const runsOf = (...numbers: readonly (readonly number[])[]): Run[] =>
  numbers.map((ids, order) =>
    renumbered(
      craftedRun(
        ids.map(() => ({ connections: 1, latenciesUs: [100] })),
        { order, mode: "reuse_port" },
      ),
      ids,
    ),
  );

function countsOf(runs: readonly Run[]): number[] {
  return runs.map(countWorkers(runs));
}

const at = (port: number, run: Run): Run => ({
  ...run,
  target: { ...run.target, url: `http://127.0.0.1:${port}/` },
});

describe("countWorkers", () => {
  test("takes Envoy's numbers for places: those left out between are workers that nobody met", () => {
    expect(countsOf(runsOf([0, 3], [1]))).toEqual([4, 4]);
  });

  test("counts PIDs and thread ids one by one, over all runs of the server", () => {
    expect(countsOf(runsOf([29, 30], [30, 471_100]))).toEqual([3, 3]);
  });

  test("takes no number that is beyond any place for one, whatever stands beside it", () => {
    expect(countsOf(runsOf([0, 9_999_999]))).toEqual([2]);
  });

  test("keeps apart the sides, and addresses of unknown mode", () => {
    const [two, four] = runsOf([0, 1], [0, 1, 2, 3]) as [Run, Run];
    expect(countsOf([ofSide("a", two), ofSide("b", four)])).toEqual([2, 4]);
    expect(countsOf([at(1, { ...two, mode: null }), at(2, { ...four, mode: null })])).toEqual([2, 4]);
    expect(countsOf([at(1, { ...two, mode: "default" }), at(2, four)])).toEqual([4, 4]);
    expect(
      countsOf([
        { ...two, mode: null, step: "c=2" },
        { ...four, mode: null },
      ]),
    ).toEqual([4, 4]);
  });

  test("never counts fewer than were seen, and more only up to 1024", () => {
    const runs = array(uniqueArray(nat(1e7), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 });
    assert(
      property(runs, (numbers) => {
        const seen = new Set(numbers.flat()).size;
        for (const count of countsOf(runsOf(...numbers))) {
          expect(count).toBeGreaterThanOrEqual(seen);
          expect(count).toBeLessThanOrEqual(Math.max(seen, 1024));
        }
      }),
    );
  });
});

describe("attribute, where a header names workers by their PIDs", () => {
  const hot = [104, 88, 70, 96, 60, 112];
  const queues = hot.map((held, order) => queueRun(held, { order, mode: null }));
  const options = { tailQuantile: 0.99, seed: 1 };

  test.each([
    ["as a container has them", [29, 30]],
    ["as a machine has them", [471_100, 471_101]],
  ])("says of them what it says of workers 0 and 1: %s", (_, pids) => {
    const named = attribute(
      queues.map((run) => renumbered(run, pids)),
      options,
    );
    const numbered = attribute(queues, options);
    const withoutNumbers = ({ perRun, perMode, fit }: typeof named) => ({
      perMode,
      slope: fit.slope,
      perRun: perRun.map((one) => ({ ...one, perWorker: one.perWorker.map(({ lift }) => lift) })),
    });
    expect(named.perRun[0]!.connectionSkew!.maxOverMean).toBe(104 / 64);
    expect(withoutNumbers(named)).toEqual(withoutNumbers(numbered));
  });
});

const balanced = (workers: number, order: number): Run =>
  craftedRun(
    Array.from({ length: workers }, () => ({ connections: 16, latenciesUs: exponentialGrid(4000, 300) })),
    { order, mode: null },
  );

test("two sides, each balanced over workers of its own number, have no skew", () => {
  const runs = [0, 2, 4].flatMap((order) => [
    ofSide("a", balanced(2, order)),
    ofSide("b", balanced(4, order + 1)),
  ]);
  const { perRun, perMode } = attribute(runs, { tailQuantile: 0.99, seed: 1 });
  for (const { connectionSkew, requestSkew } of perRun)
    expect([connectionSkew!.maxOverMean, requestSkew!.maxOverMean]).toEqual([1, 1]);
  for (const { sentence } of perMode) expect(sentence).toContain("The load was balanced");
});
