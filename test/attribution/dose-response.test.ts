import { describe, expect, test } from "vitest";
import { doseOf } from "../../src/attribution/dose.ts";
import { fitDoseResponse } from "../../src/attribution/dose-response.ts";
import { countWorkers } from "../../src/attribution/worker-count.ts";
import type { DoseResponse } from "../../src/result/attribution.ts";
import type { Run } from "../../src/result/result.ts";
import { normalDraw } from "../../src/attribution/normal.ts";
import { seededRandom } from "../../src/random.ts";
import { craftedRun, exponentialGrid, queueRun } from "./crafted-run.ts";
import type { CraftedWorker } from "./crafted-run.ts";

const fitOf = (runs: readonly Run[]): DoseResponse => wholeFitOf(runs).summary;

function wholeFitOf(runs: readonly Run[]): ReturnType<typeof fitDoseResponse> {
  const doses = runs.map((run) =>
    doseOf(run, { group: run.mode ?? "", workerCount: countWorkers(runs)(run), tailQuantile: 0.99 })!,
  );
  return fitDoseResponse(doses, { tailQuantile: 0.99, seed: 1, comparable: true });
}

const uneven = (count: number): Run[] =>
  Array.from({ length: count }, (_, order) => queueRun(80 + 6 * order, { order, mode: "default" }));

function withoutCpu(run: Run): Run {
  return { ...run, workers: run.workers.map((worker) => Object.assign({}, worker, { cpuPercent: null })) };
}

describe("the noise between workers", () => {
  const random = seededRandom(1, "noise");
  /** Of an equal share, each request slow for itself; workers differ by exp(N(0, σ²)). */
  const workerOf = (sigma: number): CraftedWorker => {
    const meanUs = 400 * Math.exp(sigma * normalDraw(random));
    const latenciesUs = Array.from({ length: 8000 }, () => -meanUs * Math.log(1 - random()));
    return { connections: 64, latenciesUs, busy: 0.4 };
  };
  const balanced = (sigma: number): Run[] =>
    Array.from({ length: 20 }, (_, i) =>
      craftedRun([workerOf(sigma), workerOf(sigma)], { order: 6 + i, mode: "exact_balance" }),
    );
  // In the unit of a worker at an equal share: 1/(x (1 − ρx)²).
  const noiseOf = (sigma: number): number =>
    wholeFitOf([...uneven(6), ...balanced(sigma)]).fit!.noise / (1 - 0.4) ** 2;

  test("leaves out the luck of single requests, which no other placement would change", () => {
    // That of 80 requests beyond an exponential's p99 is (1/ln 100)²/80 = 0.0006.
    expect(noiseOf(0)).toBeLessThan(0.0002);
  });

  test("is the variance of what the requests of a worker have in common", () => {
    // Of 20 contrasts, by far most of the freedom there is: within two standard errors, √(2/25) each.
    expect(Math.abs((noiseOf(0.1) * 26) / 20 / 0.01 - 1)).toBeLessThan(0.6);
  });
});

describe("the fit of tail on load", () => {
  test("is the slope of the law that made the data, within its interval", () => {
    const { slope, interval, contrasts, points } = fitOf(uneven(6));
    expect(slope).toBeCloseTo(1, 1);
    expect(interval![0]).toBeLessThanOrEqual(slope!);
    expect(interval![1]).toBeGreaterThanOrEqual(slope!);
    expect(contrasts).toBe(6);
    expect(points).toHaveLength(12);
    // x by definition, the tail by the law of M/M/1.
    expect(points[0]!.x).toBeCloseTo(80 / 64, 9);
    expect(points[0]!.tailUs / ((Math.log(100) * 250) / (1 - 0.4 * (80 / 64)))).toBeCloseTo(1, 1);
  });

  test("uses the few requests of a nearly idle worker, which has no quantile of its own", () => {
    const idle = [122, 124, 125, 126, 127].map((held, order) => queueRun(held, { order, mode: "default" }));
    expect(fitOf(idle).slope).toBeGreaterThan(0.5);
    expect(fitOf(idle).slope).toBeLessThan(1.6);
  });

  test("finds no slope where load does nothing", () => {
    const flat = [70, 90, 100, 110, 120, 80].map((held, order) =>
      craftedRun(
        [held, 128 - held].map((connections) => ({
          connections,
          latenciesUs: exponentialGrid(connections * 125, 400),
          busy: (0.4 * connections) / 64,
        })),
        { order, mode: "default" },
      ),
    );
    expect(Math.abs(fitOf(flat).slope!)).toBeLessThan(0.03);
  });

  test("falls back to the log-linear shape where no CPU was read", () => {
    const blind = uneven(6).map(withoutCpu);
    expect(fitOf(blind)).toMatchObject({ shape: "log-linear", busyShareAtBalance: null });
    expect(fitOf(blind).slope).toBeGreaterThan(0);
  });

  test("is not moved by what a saturated worker queued up", () => {
    const saturated = craftedRun(
      [
        { connections: 120, latenciesUs: exponentialGrid(15_000, 900_000), busy: 0.99 },
        { connections: 8, latenciesUs: exponentialGrid(1000, 250 / (1 - 0.05)), busy: 0.05 },
      ],
      { order: 9, mode: "default" },
    );
    const without = fitOf(uneven(6));
    const beside = fitOf([...uneven(6), saturated]);
    expect(beside.slope).toBeCloseTo(without.slope!, 2);
    expect(beside.contrasts).toBe(without.contrasts);
  });
});

describe("the fit says why it cannot tell", () => {
  const cases: readonly (readonly [string, readonly Run[], RegExp])[] = [
    ["no run with known workers", [], /too few requests of any run have a known worker: 1000 are needed/],
    [
      "one worker",
      [0, 1].map((order) =>
        craftedRun([{ connections: 8, latenciesUs: exponentialGrid(1000, 300) }], {
          order,
          mode: "default",
        }),
      ),
      /one worker/,
    ],
    ["one run", uneven(1), /one run/],
    ["too few contrasts", uneven(4), /held different loads 4 times, and 5 are needed/],
    [
      "a target that something else held up: slower than its connections ask, and not busy",
      [0, 1, 2, 3, 4, 5].map((order) => queueRun(80 + order, { order, mode: "default", noise: 500 })),
      /fell behind its schedule without being busy/,
    ],
    [
      "equal loads",
      Array.from({ length: 6 }, (_, order) => queueRun(64, { order, mode: "exact_balance" })),
      /the loads of the workers differ by less than 10 % in every run/,
    ],
  ];
  for (const [what, runs, reason] of cases)
    test(what, () => {
      const { shape, reason: said, slope, interval } = fitOf(runs);
      expect(said).toMatch(reason);
      expect([shape, slope, interval]).toEqual(["none", null, null]);
    });
});

describe("the dose of a run", () => {
  test("counts a worker that nobody saw in this run but others saw", () => {
    const all = queueRun(128, { order: 0, mode: "default" });
    const blind = { ...all, workers: all.workers.slice(0, 1) };
    const other = queueRun(64, { order: 1, mode: "default" });
    const dose = doseOf(blind, {
      group: "default",
      workerCount: countWorkers([blind, other])(blind),
      tailQuantile: 0.99,
    })!;
    expect(dose.workers.map(({ id, x }) => ({ id, x }))).toEqual([{ id: 0, x: 2 }]);
  });

  test("is the requests' share, not the connections'", () => {
    const run = craftedRun(
      [
        { connections: 2, latenciesUs: exponentialGrid(3000, 300) },
        { connections: 2, latenciesUs: exponentialGrid(1000, 300) },
      ],
      { order: 0, mode: "exact_balance" },
    );
    expect(doseOf(run, { group: "", workerCount: 2, tailQuantile: 0.99 })!.workers.map(({ x }) => x)).toEqual(
      [1.5, 0.5],
    );
  });

  test("is refused to a run with fewer than ten requests beyond the quantile", () => {
    const short = queueRun(64, { order: 0, mode: "default", requests: 896 });
    expect(doseOf(short, { group: "", workerCount: 2, tailQuantile: 0.99 })).toBeNull();
    expect(doseOf(short, { group: "", workerCount: 2, tailQuantile: 0.9 })!.requests).toBe(896);
  });

  test("is refused where a tenth of the requests has no known worker", () => {
    const run = queueRun(64, { order: 0, mode: "default" });
    const partly = { ...run, workers: run.workers.slice(0, 1) };
    expect(doseOf(partly, { group: "", workerCount: 2, tailQuantile: 0.99 })).toBeNull();
  });
});
