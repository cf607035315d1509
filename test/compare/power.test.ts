import { describe, expect, test } from "vitest";
import { powerOf, repetitionsFor } from "../../src/compare/power.ts";
import type { Experiment } from "../../src/compare/power.ts";

const experiment: Experiment = {
  design: "paired",
  repetitions: 7,
  sigma: 0.05,
  effect: Math.log(1.1),
  allowed: 0,
  alpha: 0.05,
};

describe("the chance to find an effect", () => {
  test("without noise is 1 where α can be reached, and 0 where it cannot", () => {
    expect(powerOf({ ...experiment, sigma: 0 })).toBe(1);
    expect(powerOf({ ...experiment, sigma: 0, repetitions: 4 })).toBe(0);
    expect(powerOf({ ...experiment, design: "unpaired", sigma: 0, repetitions: 4 })).toBe(1);
    expect(powerOf({ ...experiment, design: "unpaired", sigma: 0, repetitions: 3 })).toBe(0);
  });

  test("without an effect is the attained level, which is at most α", () => {
    // Seven pairs reach 6/128 = 4.7 % (W ≥ 24), and no level between that and 5 %.
    const level = powerOf({ ...experiment, effect: 0 }, { draws: 20_000 });
    expect(level).toBeGreaterThan(0.0391 - 0.005);
    expect(level).toBeLessThan(0.0469 + 0.005);
  });

  // scipy 1.17.1, numpy default_rng(1), 20 000 draws of N(log 1.1, 0.05·√2) against stats.wilcoxon(…, "greater", "exact")
  // p < 0.05: 0.894; two samples of 7 at 0.05 against stats.mannwhitneyu(…, "exact"): 0.945.
  test("is what scipy finds", () => {
    expect(powerOf(experiment, { draws: 20_000 })).toBeCloseTo(0.894, 1.7);
    expect(powerOf({ ...experiment, design: "unpaired" }, { draws: 20_000 })).toBeCloseTo(0.945, 1.7);
  });
});

describe("the repetitions that find it", () => {
  test("are the fewest that do, four times in five", () => {
    const needed = repetitionsFor(experiment)!;
    expect(powerOf({ ...experiment, repetitions: needed })).toBeGreaterThanOrEqual(0.8);
    expect(powerOf({ ...experiment, repetitions: needed - 1 })).toBeLessThan(0.8);
  });

  test("are many where the noise is large, as the normal law says and as drawing confirms", () => {
    const noisy = { ...experiment, sigma: 0.2 };
    const needed = repetitionsFor(noisy)!;
    // 2·(π/3)·((1.6449 + 0.8416)·0.2/log 1.1)² = 57.01
    expect(needed).toBe(58);
    expect(powerOf({ ...noisy, repetitions: needed }, { draws: 2000 })).toBeGreaterThan(0.77);
    expect(powerOf({ ...noisy, repetitions: needed }, { draws: 2000 })).toBeLessThan(0.85);
    expect(repetitionsFor({ ...noisy, design: "unpaired" })).toBe(58);
  });

  test("do not exist where the gate allows the effect", () => {
    expect(repetitionsFor({ ...experiment, allowed: experiment.effect })).toBeNull();
  });
});
