import { describe, expect, test } from "vitest";
import { attribute } from "../../src/attribution/attribution.ts";
import { median } from "../../src/attribution/order-statistics.ts";
import { simulatedSet } from "./simulated-run.ts";
import { exponential, shiftedExponential } from "./simulated-target.ts";
import type { Scenario } from "./simulated-target.ts";

const modes = ["default", "reuse_port", "exact_balance"] as const;

/** 273 µs of CPU a request: a worker with an equal share is 41 % busy, one that holds everything 82 %. */
const busy: Scenario = {
  workers: 2,
  connections: 128,
  qps: 3000,
  durationS: 5,
  arrivals: "poisson",
  service: shiftedExponential(73, 200),
};

describe("attribute", () => {
  test("finds the share that the skew really has, within 0.05 in the median over sets", () => {
    const errors = [1, 2, 3, 4].map((seed) => {
      const set = simulatedSet(busy, { modes, repetitions: 5, seed, assignments: 3 });
      const truth = median(
        set
          .filter(({ run }) => run.mode === "default")
          .map((known) => (known.lagFreeTailUs - known.balancedTailUs) / known.tailUs),
      );
      const answer = attribute(
        set.map(({ run }) => run),
        { tailQuantile: 0.99, seed },
      );
      return Math.abs(answer.perMode.find(({ mode }) => mode === "default")!.skewShare! - truth);
    });
    expect(median(errors)).toBeLessThan(0.05);
  });

  test("splits every tail into parts that add up exactly", () => {
    const scenario = { ...busy, lag: exponential(150) };
    const set = simulatedSet(scenario, { modes, repetitions: 3, seed: 5, assignments: 0 });
    const { perRun, perMode } = attribute(
      set.map(({ run }) => run),
      { tailQuantile: 0.99, seed: 1 },
    );
    for (const { tailUs, lagUs, skewUs, restUs } of [...perRun, ...perMode])
      expect(lagUs + skewUs! + restUs!).toBeCloseTo(tailUs, 6);
  });

  test("gives the same answer for the same runs and seed", () => {
    const runs = simulatedSet(busy, { modes, repetitions: 3, seed: 6, assignments: 0 }).map(({ run }) => run);
    const options = { tailQuantile: 0.99, seed: 7 };
    expect(attribute(runs, options)).toEqual(attribute(runs, options));
  });
});
