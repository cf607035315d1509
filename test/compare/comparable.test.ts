import { describe, expect, test } from "vitest";
import { check } from "../../src/compare/check.ts";
import { compare } from "../../src/compare/compare.ts";
import { parseGate } from "../../src/compare/gate.ts";
import type { ResultSet, Run } from "../../src/result/result.ts";
import { thrown } from "../thrown.ts";
import { exampleSet, urlSet } from "../result/example-set.ts";
import { base, metric, oneMode, sides, withEnvironment, withLoad } from "./compared-set.ts";

const other = (override: Parameters<typeof oneMode>[1]) => oneMode(base, { labels: "other", ...override });
const compareWith = (override: Parameters<typeof oneMode>[1], force = false) =>
  compare({ baseline: [oneMode(base)], candidate: [other(override)] }, { force });
const gated = (text: string) => ({ gates: [parseGate(text)] });

describe("what was not measured alike", () => {
  test.each([
    [withLoad({ qps: 2000 }), "load.qps is 3000 against 2000"],
    [
      withLoad({ protocol: "h2", streams: 4 }),
      "load.protocol is http/1.1 against h2; load.streams is 1 against 4",
    ],
    [withEnvironment({ envoy: "1.39.0" }), "envoy is 1.40.0 against 1.39.0"],
    [withEnvironment({ workers: 4 }), "workers is 2 against 4"],
  ])("is refused, with the fields (%#)", async (override, fields) => {
    expect(await thrown(() => compareWith(override))).toBe(
      `NOT_COMPARABLE (2): Cannot compare: the two were not measured alike: ${fields} | Measure both alike, or compare them all the same with -force.`,
    );
    const forced = compareWith(override, true);
    expect(forced.outcome).toBe("passed");
    expect(
      forced.differences
        .map(({ field, baseline, candidate }) => `${field} is ${baseline} against ${candidate}`)
        .join("; "),
    ).toBe(fields);
  });

  test("seeds, labels, repetitions, addresses and percentiles to list do not matter", () => {
    const { plan } = exampleSet();
    const changed = {
      ...plan,
      labels: "x",
      seed: 99,
      repetitions: 9,
      percentiles: [12],
      targets: plan.targets.map((target) =>
        Object.assign({}, target, { url: "http://127.0.0.1:1/", pid: 1 }),
      ),
    };
    expect(compareWith({ plan: changed }).differences).toEqual([]);
  });

  test("another machine: no latency is compared, skew and failures are", () => {
    const comparison = compareWith(withEnvironment({ cpus: 64 }));
    expect(metric(comparison, "p99")).toMatchObject({
      verdict: "unsupported",
      reason: "measured on different machines (cpus)",
    });
    expect(metric(comparison, "skew").verdict).toBe("equivalent");
    expect(metric(comparison, "failures").verdict).toBe("equivalent");
    expect(comparison.outcome).toBe("undecided");
    expect(metric(compareWith(withEnvironment({ cpus: 64 }), true), "p99").verdict).toBe("equivalent");
  });

  test.each([
    [1.01, undefined],
    [1.06, "small"],
    [1.3, "plan"],
  ])("work of %d times the baseline's is calibration, worth a word, or another load", (factor, weight) => {
    const work = { perRequestUs: 200, baseUs: 30, iterations: 1000 };
    const { differences } = compare(
      {
        baseline: [oneMode(base, withEnvironment({ work }))],
        candidate: [other(withEnvironment({ work: { ...work, perRequestUs: 200 * factor } }))],
      },
      { force: true },
    );
    expect(differences.find(({ field }) => field === "work")?.weight).toBe(weight);
  });
});

describe("what cannot be compared at all", () => {
  test("no mode in common", async () => {
    expect(
      await thrown(() =>
        compare({ baseline: [oneMode(base)], candidate: [oneMode(base, { mode: "default" })] }),
      ),
    ).toBe(
      "NOT_COMPARABLE (2): Cannot compare: the two have no mode in common: exact_balance against default | Run both with the same -modes.",
    );
  });

  test("no completed run", async () => {
    const broken = oneMode(base, { labels: "broken", state: "failed" });
    expect(await thrown(() => compare({ baseline: [oneMode(base)], candidate: [broken] }))).toBe(
      "NOTHING_TO_COMPARE (3): The candidate has no completed run (0 interrupted, 7 failed): 2026-01-01-000000_broken | Run it again.",
    );
  });

  test("one set without sides; a set with sides as one of two; a set twice on one side", async () => {
    expect(await thrown(() => compare({ sides: [oneMode(base)] }))).toContain("without sides");
    expect(await thrown(() => compare({ baseline: [sides(1)], candidate: [oneMode(base)] }))).toContain(
      "has two sides of its own",
    );
    const set = oneMode(base);
    expect(await thrown(() => compare({ baseline: [set, set], candidate: [set] }))).toContain("given twice");
  });

  test("a gate on a mode that is not there", async () => {
    expect(
      await thrown(() =>
        compare({ baseline: [oneMode(base)], candidate: [oneMode(base)] }, gated("exact-balance:p99<=+5%")),
      ),
    ).toBe(
      'GATE_INVALID (2): -gate exact-balance:p99<=+5%: nothing here is called "exact-balance" | Did you mean "exact_balance"?',
    );
  });
});

test("what the sides of a set differ in is told, and stops nothing", () => {
  const upstream = { protocol: "http/1.1", delayUs: 10_000, sizeBytes: 0, status: 200 } as const;
  const side = { envoy: null, workUs: null, upstream };
  const { plan } = exampleSet();
  const work = { perRequestUs: 200, baseUs: 30, iterations: 1000 };
  const set = {
    ...sides(1),
    ...withEnvironment({ sides: { a: { envoy: "1.39.0", work }, b: { envoy: "1.40.0", work } } }),
    plan: {
      ...plan,
      lab: { ...plan.lab!, sides: { a: side, b: { ...side, upstream: { ...upstream, delayUs: 11_500 } } } },
    },
  };
  const comparison = compare({ sides: [set] });
  expect(comparison.differences).toEqual([
    { field: "envoy", baseline: "1.39.0", candidate: "1.40.0", weight: "small" },
    { field: "upstream.delayUs", baseline: "10000", candidate: "11500", weight: "small" },
  ]);
  expect(comparison.candidate.envoy).toBe("1.40.0");
});

test("targets of unknown mode are matched wherever they were", () => {
  const one = urlSet();
  const move = (url: string): ResultSet => ({
    ...one,
    plan: { ...one.plan, targets: [{ ...one.plan.targets[0]!, url }] },
    runs: Array.from({ length: 6 }, (_, block): Run => {
      const run = one.runs[0]!;
      return { ...run, order: block, block, target: { ...run.target, url } };
    }),
  });
  const comparison = compare({
    baseline: [move("http://a:1/")],
    candidate: [{ ...move("http://b:2/"), id: "b" }],
  });
  expect(comparison.groups.map(({ group }) => group)).toEqual(["target"]);
});

test("a gate names the target of two sides in a check as it does in a comparison", () => {
  const one = urlSet();
  const at = (side: "a" | "b") => ({ ...one.plan.targets[0]!, side, url: `http://${side}:1/`, name: side });
  const set: ResultSet = {
    ...one,
    plan: { ...one.plan, targets: [at("a"), at("b")] },
    runs: (["a", "b"] as const).flatMap((side) =>
      Array.from({ length: 6 }, (_, block): Run => {
        const run = one.runs[0]!;
        const order = block * 2 + Number(side === "b");
        return { ...run, order, block, side, target: { ...run.target, url: at(side).url } };
      }),
    ),
  };
  const gate = parseGate("target:p99<=10s");
  const [checked] = check([set], [gate]).gates;
  const [compared] = compare({ sides: [set] }, { gates: [gate] }).gates;
  expect([checked!.group, checked!.outcome]).toEqual([compared!.group, compared!.outcome]);
  expect(checked!.group).toBe("target");
});
