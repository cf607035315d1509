import { describe, expect, test } from "vitest";
import { parseGate } from "../../src/compare/gate.ts";
import { repetitionsFor } from "../../src/compare/power.ts";
import { planRepetitions } from "../../src/compare/repetition-plan.ts";
import { renderRepetitionPlan } from "../../src/output/repetition-table.ts";
import { thrown } from "../thrown.ts";
import { base, comparedSet, oneMode } from "./compared-set.ts";

const gates = [parseGate("p50<=+5%")];

describe("the noise that a plan rests on", () => {
  test("is the variance of the logs over runs, and p50's does not fall with their length", () => {
    const logs = base.map((us) => Math.log(us));
    const mean = logs.reduce((sum, log) => sum + log, 0) / 7;
    const sigma = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / 6);
    const { wishes } = planRepetitions([oneMode(base)], { effect: 0.1, gates });
    expect(wishes).toHaveLength(1);
    expect(wishes[0]).toMatchObject({
      metric: "p50",
      group: "exact_balance",
      effect: 0.1,
      tolerance: 0.05,
      runs: 7,
    });
    for (const { sigma: seen, paired, unpaired } of wishes[0]!.lengths) {
      expect(seen).toBeCloseTo(sigma, 9);
      const common = { sigma, effect: Math.log(1.1), allowed: Math.log(1.05), alpha: 0.05 };
      expect(paired).toBe(repetitionsFor({ design: "paired", ...common }));
      expect(unpaired).toBe(repetitionsFor({ design: "unpaired", ...common }));
    }
  });

  test("of two sides is that within blocks: what both share costs no repetitions", () => {
    const drift = [1, 2, 0.6, 1.4, 0.8, 1.7, 1.1];
    const set = comparedSet(
      drift.flatMap((factor, block) => [
        { block, side: "a", p99Us: 10_000 * factor },
        { block, side: "b", p99Us: 13_000 * factor * (1 + (block % 3) / 100) },
      ]),
    );
    const [length] = planRepetitions([set], { effect: 0.1, gates }).wishes[0]!.lengths;
    expect(length!.sigma).toBeGreaterThan(0.3);
    expect(length!.paired).toBe(5);
    expect(length!.unpaired).toBeGreaterThan(100);
  });

  test("of a tail falls with the length of the run, by the part that requests alone make", () => {
    const { lengths } = planRepetitions([oneMode(base)], { effect: 0.1 }).wishes[0]!;
    const [once, , , eight] = lengths.map(({ sigma }) => sigma);
    expect(eight).toBeLessThan(once!);
    expect(lengths.map(({ durationS }) => durationS)).toEqual([2, 4, 8, 16]);
  });
});

test("several gates share α", () => {
  const two = [parseGate("p50<=+5%"), parseGate("p90<=+5%")];
  const spread = base.map((us, i) => us * (1 + i / 15));
  const one = planRepetitions([oneMode(spread)], { effect: 0.1, gates }).wishes[0]!.lengths[0]!;
  const both = planRepetitions([oneMode(spread)], { effect: 0.1, gates: two }).wishes[0]!.lengths[0]!;
  expect(both.paired).toBeGreaterThan(one.paired!);
});

test("without a gate, p99 is allowed half of the effect", () => {
  const { wishes } = planRepetitions([oneMode(base)], { effect: 0.2 });
  expect(wishes).toMatchObject([{ metric: "p99", effect: 0.2, tolerance: 0.1 }]);
});

test("a single run shows no noise", async () => {
  expect(await thrown(() => planRepetitions([oneMode([10_000])], { effect: 0.1 }))).toContain(
    "NOT_COMPARABLE (2): Cannot compare: the baseline shows no noise to plan with",
  );
});

test("as a person reads it", () => {
  const plan = planRepetitions([oneMode(base, { labels: "main" })], { effect: 0.1, gates });
  expect(renderRepetitionPlan(plan, { columns: 80, color: false })).toBe(
    [
      "To find p50 +10.0 % in exact_balance with a probability of 80 %, where the gate",
      "  allows +5.0 %: by the noise of 7 runs of main",
      "a run of  varies by  -ab: -reps  takes  apart: -reps  takes",
      "     2 s      1.7 %           5   20 s             4   16 s",
      "     4 s      1.7 %           5   40 s             4   32 s",
      "     8 s      1.7 %           5   80 s             4   64 s",
      "    16 s      1.7 %           5  3 min             4  3 min",
      "",
    ].join("\n"),
  );
  const never = renderRepetitionPlan(planRepetitions([oneMode(base)], { effect: 0.05, gates }), {
    columns: 80,
    color: false,
  });
  expect(never).toContain("A gate never fails for what it allows: let it allow less than the effect.");
});
