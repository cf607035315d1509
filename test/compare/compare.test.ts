import { describe, expect, test } from "vitest";
import { compare } from "../../src/compare/compare.ts";
import type { ComparedMetric } from "../../src/compare/comparison.ts";
import { parseGate } from "../../src/compare/gate.ts";
import { histogramOf } from "../../src/result/distribution.ts";
import type { Run } from "../../src/result/result.ts";
import { thrown } from "../thrown.ts";
import { exampleSet } from "../result/example-set.ts";
import { base, comparedSet, metric, oneMode, sides } from "./compared-set.ts";
import type { RunFigures } from "./compared-set.ts";

const times = (factor: number): number[] => base.map((us) => us * factor);
const gated = (text: string) => ({ gates: [parseGate(text)] });

const p99Verdict = (factor: number, gate = "p99<=+10%"): string =>
  metric(compare({ baseline: [oneMode(base)], candidate: [oneMode(times(factor))] }, gated(gate)), "p99")
    .verdict;
const shortRuns = (labels: string) => oneMode(base, { labels, requests: 5000 });
const openRuns = (factor: number) => oneMode(times(factor), { labels: "open", censoredFromUs: 1000 });
const failing = (failures: number) => oneMode(base, { labels: "failing", failures });
const failuresGate = (candidate: ReturnType<typeof oneMode>): string =>
  compare({ baseline: [oneMode(base)], candidate: [candidate] }).gates[1]!.outcome;

const judged = (runs: number, gates: readonly string[]): ComparedMetric =>
  metric(
    compare(
      { baseline: [oneMode(base.slice(0, runs))], candidate: [oneMode(times(2).slice(0, runs))] },
      { gates: gates.map((text) => parseGate(text)) },
    ),
    "p99",
  );
const withoutSide = (run: Run): Run => ({ ...run, side: "" });

describe("verdicts", () => {
  test("two sets: the shift is the median of all ratios, and p the share of all deals of the runs", () => {
    const comparison = compare({ baseline: [oneMode(base)], candidate: [oneMode(times(1.3))] });
    const p99 = metric(comparison, "p99");
    const ratios = base.flatMap((one) => times(1.3).map((two) => two / one)).sort((a, b) => a - b);
    expect(p99.effect).toBeCloseTo(ratios[24]! - 1, 9);
    // Every candidate's run lies more than a tenth above every baseline's: one deal in C(14, 7).
    expect(p99.p).toBeCloseTo(1 / 3432, 12);
    expect(p99).toMatchObject({ verdict: "regressed", gate: "p99<=+10%", tolerance: 0.1, adjustedP: p99.p });
    expect(p99.interval[0]).toBeGreaterThan(0.1);
    expect(comparison).toMatchObject({ design: "unpaired", of: "sets", outcome: "failed" });
    expect(comparison.gates).toHaveLength(2);
    expect(comparison.gates[0]).toMatchObject({
      outcome: "failed",
      verdict: "regressed",
      group: "exact_balance",
    });
    expect(comparison.gates[1]).toMatchObject({
      outcome: "passed",
      verdict: "equivalent",
      metric: "failures",
    });
  });

  test("improved, equivalent and inconclusive", () => {
    expect(p99Verdict(0.7)).toBe("improved");
    expect(p99Verdict(1.01)).toBe("equivalent");
    expect(p99Verdict(1.1)).toBe("inconclusive");
    // Better, though not beyond doubt, is no worse than a gate allows.
    expect(p99Verdict(0.99, "p99<=+0.5%")).toBe("inconclusive");
    expect(p99Verdict(0.983, "p99<=+0.5%")).toBe("equivalent");
  });

  test("the same without a gate tells both directions alike, and decides nothing", () => {
    const better = compare({ baseline: [oneMode(base)], candidate: [oneMode(times(0.7))] });
    expect(metric(better, "p50")).toMatchObject({ verdict: "improved", gate: null, adjustedP: null });
    const worse = compare(
      { baseline: [oneMode(base)], candidate: [oneMode(times(1.5))] },
      gated("failures<=+1%"),
    );
    expect(metric(worse, "p50").verdict).toBe("regressed");
    expect(worse.outcome).toBe("passed");
  });

  test("sides of one set are paired: what drifts hits both, and drops out", () => {
    const paired = compare({ sides: [sides(1.15)] });
    expect(paired).toMatchObject({ of: "sides", design: "paired", outcome: "failed" });
    expect(paired.groups[0]).toMatchObject({ pairs: 7 });
    expect(metric(paired, "p99")).toMatchObject({ p: 1 / 128, verdict: "regressed" });
    expect(metric(paired, "p99").effect).toBeCloseTo(0.15, 2);
    // The same runs without their blocks: the drift hides it.
    const a = sides(1.15).runs.filter(({ side }) => side === "a");
    const b = sides(1.15).runs.filter(({ side }) => side === "b");
    const [one, two] = [a, b].map((runs) => Object.assign(sides(1.15), { runs: runs.map(withoutSide) }));
    expect(metric(compare({ baseline: [one!], candidate: [{ ...two!, id: "b" }] }), "p99").verdict).toBe(
      "inconclusive",
    );
  });

  test("three against three tell nothing; four tell as much as Holm leaves of α", () => {
    expect(judged(3, ["p99<=+5%"])).toMatchObject({
      verdict: "underpowered",
      interval: [null, null],
      reason: "3 runs against 3 reach p = 0.05 at best, and less than 0.05 is needed",
    });
    expect(judged(4, ["p99<=+5%"])).toMatchObject({ verdict: "regressed", p: 1 / 70, adjustedP: 1 / 70 });
    expect(judged(4, ["p50<=+5%", "p75<=+5%", "p90<=+5%", "p99<=+5%"])).toMatchObject({
      verdict: "underpowered",
      adjustedP: 4 / 70,
      reason: "4 runs against 4 reach p = 0.014 at best, and less than 0.013 is needed",
    });
  });

  test("four pairs of runs reach no verdict at 5 %, whatever they say, and know no interval", () => {
    const few = sides(3);
    const comparison = compare({ sides: [{ ...few, runs: few.runs.slice(0, 8) }] });
    expect(metric(comparison, "p99")).toMatchObject({
      verdict: "underpowered",
      interval: [null, null],
      detectable: null,
      reason: "4 pairs of runs reach p = 0.063 at best, and less than 0.05 is needed",
    });
  });

  test("qps is worse when it is lower", () => {
    const fewer = oneMode(base, { labels: "fewer", qps: 2800 });
    const comparison = compare({ baseline: [oneMode(base)], candidate: [fewer] }, gated("qps>=-1%"));
    expect(metric(comparison, "qps")).toMatchObject({ verdict: "regressed", better: "higher" });
    expect(metric(comparison, "qps").effect).toBeCloseTo(-1 / 15, 9);
    expect(comparison.gates[0]!.message).toMatch(/^qps changed by −6\.7 % .* worse than the −1\.0 % allowed/);
  });
});

describe("what could have been seen", () => {
  test("lies beyond the tolerance, the farther the noisier the runs are", () => {
    const quiet = metric(compare({ baseline: [oneMode(base)], candidate: [oneMode(base)] }), "p99");
    const spread = base.map((us, i) => us * (1 + (i - 3) / 10));
    const noisy = metric(compare({ baseline: [oneMode(spread)], candidate: [oneMode(spread)] }), "p99");
    expect(quiet.detectable).toBeGreaterThan(0.1);
    expect(quiet.detectable).toBeLessThan(0.2);
    expect(noisy.detectable).toBeGreaterThan(0.35);
  });
});

describe("what is not known", () => {
  test("a quantile with too few samples is unsupported, and its gate undecided", () => {
    const comparison = compare(
      { baseline: [shortRuns("a")], candidate: [shortRuns("b")] },
      gated("p99.9<=+10%"),
    );
    expect(metric(comparison, "p99.9")).toMatchObject({
      verdict: "unsupported",
      effect: null,
      reason: "p99.9 needs 10000 requests a run, and a run has 5000",
    });
    expect(metric(comparison, "p99").verdict).toBe("equivalent");
    expect(comparison.outcome).toBe("undecided");
  });

  test("a censored quantile of the candidate may still be worse, and can never be called the same", () => {
    const worse = compare({ baseline: [oneMode(base)], candidate: [openRuns(1.5)] });
    expect(metric(worse, "p99")).toMatchObject({ verdict: "regressed", candidate: { censored: 7 } });
    expect(metric(worse, "p99").interval[1]).toBeNull();
    const same = compare({ baseline: [oneMode(base)], candidate: [openRuns(1)] });
    expect(metric(same, "p99").verdict).toBe("inconclusive");
  });

  test("a censored quantile of the baseline tells nothing of a worsening", () => {
    const open = oneMode(base, { labels: "open", censoredFromUs: 1000 });
    const comparison = compare({ baseline: [open], candidate: [oneMode(times(2))] });
    expect(metric(comparison, "p99").verdict).toBe("inconclusive");
    expect(metric(comparison, "p99").interval[0]).toBeNull();
  });

  test("a balanced tail that some runs lack is compared by the others, paired ones with their partners", () => {
    const set = sides(1.2);
    const perRun = set.attribution!.perRun.with(3, { ...set.attribution!.perRun[3]!, balancedTailUs: null });
    const comparison = compare({ sides: [{ ...set, attribution: { ...set.attribution!, perRun } }] });
    expect(metric(comparison, "balancedP99").baseline.values).toHaveLength(6);
    expect(metric(comparison, "p99").baseline.values).toHaveLength(7);
  });
});

describe("runs", () => {
  test("that did not complete are left out and counted", () => {
    const runs = base.map((p99Us, block): RunFigures => ({ block, p99Us }));
    const candidate = comparedSet([
      ...runs,
      { block: 7, p99Us: 1e6, state: "interrupted" },
      { block: 8, p99Us: 1e6, state: "failed" },
    ]);
    const comparison = compare({ baseline: [oneMode(base)], candidate: [candidate] });
    expect(comparison.candidate).toMatchObject({ runs: 7, interrupted: 1, failed: 1 });
    expect(metric(comparison, "p99").candidate.values).toEqual(base);
  });

  test("without a partner in their block are left out of pairs, and the others keep theirs", () => {
    const set = sides(1.2);
    // Of block 2 side b, of block 4 side a.
    const runs = set.runs.filter(({ order }) => order !== 5 && order !== 8);
    const comparison = compare({ sides: [{ ...set, runs }] });
    expect(comparison.groups[0]!.pairs).toBe(5);
    const { baseline, candidate } = metric(comparison, "p99");
    const ratios = candidate.values.map((value, i) => value / baseline.values[i]!);
    for (const [i, block] of [0, 1, 3, 5, 6].entries())
      expect(ratios[i]).toBeCloseTo(1.2 * (1 + block / 1000), 9);
  });

  test("of several sets count each, and are shown together", () => {
    const sets = ["x", "y"].map((labels) => oneMode(base, { labels }));
    const comparison = compare({ baseline: sets, candidate: [oneMode(base)] });
    expect(comparison.groups[0]).toMatchObject({ baseline: { runs: 14 }, candidate: { runs: 7 } });
    const count = histogramOf(exampleSet().runs.find(({ mode }) => mode === "exact_balance")!.latency).count;
    expect(comparison.groups[0]!.baseline.latency.count).toBe(14 * count);
    expect(comparison.baseline.name).toBe("x, y");
  });

  test("that warned are told of", () => {
    const set = oneMode(base, { labels: "noisy" });
    const warning = { code: "noisy-machine", message: "", hint: "" } as const;
    const runs = set.runs.map((run, i) => (i < 2 ? { ...run, warnings: [warning, warning] } : run));
    const { notes } = compare({ baseline: [oneMode(base)], candidate: [{ ...set, runs }] });
    expect(notes).toEqual(["noisy-machine in 2 of 7 runs of the candidate."]);
  });
});

describe("modes of one set", () => {
  const set = comparedSet(
    base.flatMap((p99Us, block): RunFigures[] => [
      { mode: "default", block, p99Us: p99Us * 2, skew: 1.7 },
      { mode: "exact_balance", block, p99Us },
      { mode: "reuse_port", block, p99Us: p99Us * 1.5, skew: 1.1 },
    ]),
  );

  test("are paired by block, each against the first, and gated by nothing unless asked", () => {
    const comparison = compare({ modes: [set] });
    expect(comparison).toMatchObject({ of: "modes", design: "paired", gates: [], outcome: "passed" });
    expect(comparison.groups.map(({ group }) => group)).toEqual(["reuse_port", "exact_balance"]);
    expect(metric(comparison, "p99", 1)).toMatchObject({ verdict: "improved" });
    expect(metric(comparison, "p99", 1).effect).toBeCloseTo(-0.5, 9);
    expect(metric(comparison, "skew", 1).effect).toBeCloseTo(1 / 1.7 - 1, 9);
  });

  test("skew of requests is told apart from that of connections", () => {
    const uneven = comparedSet(
      base.flatMap((p99Us, block) => [
        { mode: "default", block, p99Us, skew: 1, requestSkew: 2 },
        { mode: "exact_balance", block, p99Us, skew: 1, requestSkew: 1.2 },
      ]),
    );
    const comparison = compare({ modes: [uneven] });
    expect(metric(comparison, "skew")).toMatchObject({ effect: 0, verdict: "equivalent" });
    expect(metric(comparison, "requestSkew")).toMatchObject({ verdict: "improved" });
    expect(metric(comparison, "requestSkew").effect).toBeCloseTo(1.2 / 2 - 1, 9);
  });

  test("another mode may be the one that others are set against", () => {
    const comparison = compare(
      { modes: [set], baselineMode: "exact_balance" },
      gated("reuse_port:p99<=+10%"),
    );
    expect(metric(comparison, "p99", 1).effect).toBeCloseTo(0.5, 9);
    expect(comparison.outcome).toBe("failed");
  });

  test("a single one has nothing to be compared with", async () => {
    expect(await thrown(() => compare({ modes: [oneMode(base)] }))).toBe(
      "NOT_COMPARABLE (2): Cannot compare: -by mode needs two modes with completed runs, and there is only exact_balance | Run with -modes default,reuse_port,exact_balance, or with MODE=URL.",
    );
  });
});

describe("default gates", () => {
  test("leave out the tail of modes whose placement is luck, unless there is no other", () => {
    const three = exampleSet();
    const { gates } = compare({ baseline: [three], candidate: [{ ...three, id: "other" }] });
    expect(gates.map(({ gate, group }) => `${group} ${gate}`)).toEqual([
      "default failures<=+0.01%",
      "reuse_port failures<=+0.01%",
      "exact_balance exact_balance:p99<=+10%",
      "exact_balance failures<=+0.01%",
    ]);
    const lucky = oneMode(base, { mode: "default" });
    expect(compare({ baseline: [lucky], candidate: [lucky] }).gates.map(({ gate }) => gate)).toEqual([
      "p99<=+10%",
      "failures<=+0.01%",
    ]);
  });

  test("a stray failure is none, one in a thousand is", () => {
    const stray = oneMode(base, { labels: "stray" });
    const runs = stray.runs.map((run, i) => (i === 0 ? failing(1).runs[0]! : run));
    expect(failuresGate({ ...stray, runs })).toBe("passed");
    expect(failuresGate(failing(15))).toBe("failed");
  });
});

test("a metric that only a gate asks for is compared too", () => {
  const comparison = compare(
    { baseline: [oneMode(base)], candidate: [oneMode(times(1.3))] },
    gated("p75<=+5%"),
  );
  expect(metric(comparison, "p75")).toMatchObject({ verdict: "regressed", gate: "p75<=+5%" });
});

test("a set on both sides is told: what does not differ there says nothing", () => {
  const main = oneMode(base, { labels: "main" });
  const head = oneMode(base, { labels: "head" });
  expect(compare({ baseline: [main], candidate: [head] }).notes).toEqual([]);
  expect(compare({ baseline: [main], candidate: [main] }).notes).toEqual([
    `${main.id} stands on both sides, and does not differ from itself.`,
  ]);
});
