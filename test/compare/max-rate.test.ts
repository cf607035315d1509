/** The search for the highest rate against targets whose limit is known. */

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkSearch, maxRatesOf, nextQps, parseObjectives, probesOf } from "../../src/compare/max-rate.ts";
import { decidable } from "../../src/compare/search-samples.ts";
import type { LoadPlan, SearchPlan } from "../../src/plan/plan.ts";
import type { Run } from "../../src/result/result.ts";
import { createWarning } from "../../src/result/warnings.ts";
import { exampleSet } from "../result/example-set.ts";
import { thrown } from "../thrown.ts";

const example = exampleSet();
const search: SearchPlan = {
  objectives: ["p99<10ms"],
  startQps: 1000,
  leastQps: 1000 / 64,
  mostQps: 64_000,
  resolution: 0.05,
};
const target = example.plan.targets[0]!;

/** A run at a rate; its p99 is what the test says. */
function runAt(qps: number, p99Us: number, change: Partial<Run> = {}): Run {
  const run = example.runs.find(({ mode }) => mode === target.mode)!;
  return {
    ...run,
    requested: { ...run.requested, qps },
    latency: { ...run.latency, count: 100_000, percentilesUs: { ...run.latency.percentilesUs, "99": p99Us } },
    censored: { count: 0, youngestUs: 0, oldestUs: 0 },
    failures: {},
    warnings: [],
    ...change,
  };
}

/** As many requests at every rate, unless told otherwise. */
const load: LoadPlan = { ...example.plan.load, durationUs: 0, exactly: 100_000 };
const for5s: LoadPlan = { ...load, durationUs: 5e6, exactly: null };

const answer = (runs: readonly Run[], wanted: LoadPlan = load) =>
  maxRatesOf(runs, { targets: [target], search, load: wanted })[0]!;

/** Searches with the runs that `drive` gives for a rate, and gives them all. */
function searched(drive: (qps: number) => readonly Run[], given: LoadPlan = load): Run[] {
  const objectives = parseObjectives(search.objectives);
  const wanted = decidable(search, objectives, given);
  const runs: Run[] = [];
  for (let round = 0; round < 40; round++) {
    const qps = nextQps(probesOf(runs, objectives), wanted);
    if (qps === null) return runs;
    runs.push(...drive(qps));
  }
  throw new Error("the search does not end");
}

test("whatever the limit, the two rates enclose it within the resolution, in 6 steps and bisections", () => {
  fc.assert(
    fc.property(fc.double({ min: 16, max: 63_999, noNaN: true }), (limit) => {
      const runs = searched((qps) => [runAt(qps, qps <= limit ? 9_000 : 11_000)]);
      const { qps, failedQps, end } = answer(runs);
      expect(end).toBe("found");
      expect(qps).toBeLessThanOrEqual(limit);
      expect(failedQps).toBeGreaterThan(limit);
      expect(failedQps! / qps!).toBeLessThanOrEqual(1.05);
      // The start, six doublings at most, and log2(log 2 / log 1.05) = 3.8 bisections of the last one, rounded rates aside.
      expect(runs.length).toBeLessThanOrEqual(1 + 6 + 5);
    }),
  );
});

describe("says so where it did not find both", () => {
  test.each([
    [
      "all-held",
      1e9,
      [64_000, null],
      "64000 qps is the highest rate that held p99<10ms, and no higher one was tried",
    ],
    [
      "none-held",
      1,
      [null, 15.625],
      "no rate held p99<10ms; at 15.625 qps p99 is 11.0 ms, and not < 10.0 ms, and no lower one was tried",
    ],
  ] as const)("%s", (end, limit, rates, words) => {
    const found = answer(searched((qps) => [runAt(qps, qps <= limit ? 9_000 : 11_000)]));
    expect([found.end, [found.qps, found.failedQps]]).toEqual([end, rates]);
    expect(found.sentence).toBe(`default: ${words}.`);
  });

  test("interrupted after two rates", () => {
    const found = answer([runAt(1000, 9_000), runAt(2000, 11_000)]);
    expect([found.qps, found.failedQps, found.end]).toEqual([1000, 2000, "unfinished"]);
    expect(found.sentence).toContain("(the search did not end)");
  });

  test("mesh-load itself was the limit", () => {
    const saturated = { warnings: [createWarning("driver-saturated", "late")] };
    const found = answer(searched((qps) => [runAt(qps, 9_000, qps <= 3000 ? {} : saturated)]));
    expect([found.end, found.qps! <= 3000 && found.failedQps! > 3000]).toEqual(["driver-saturated", true]);
    expect(found.sentence).toContain("mesh-load itself was too slow (mesh-load is the limit: raise -threads");
  });
});

const holds = (runs: readonly Run[]): boolean | null =>
  probesOf(runs, parseObjectives(["p99<10ms"]))[0]!.held;

describe("the median over a rate's runs decides", () => {
  test.each([
    [[9, 9, 50], true],
    [[9, 50, 50], false],
    [[9, 10, 50], false],
  ])("%j ms", (p99s, expected) => {
    expect(holds(p99s.map((ms) => runAt(1000, ms * 1000)))).toBe(expected);
  });

  test("a rate that most runs did not reach holds nothing", () => {
    const behind = { warnings: [createWarning("behind-schedule", "slow")] };
    expect(holds([runAt(1000, 1), runAt(1000, 1), runAt(1000, 1, behind)])).toBe(true);
    expect(holds([runAt(1000, 1), runAt(1000, 1, behind), runAt(1000, 1, behind)])).toBe(false);
  });

  test("quick refusals hold nothing, unless an objective says how many may fail", () => {
    const refusing = [runAt(1000, 1, { failures: { "http-error": 101 } })];
    expect(holds(refusing)).toBe(false);
    expect(holds([runAt(1000, 1, { failures: { "http-error": 100 } })])).toBe(true);
    expect(probesOf(refusing, parseObjectives(["p99<10ms", "failures<1%"]))[0]!.held).toBe(true);
  });
});

const few = (qps: number, count: number): Run => {
  const run = runAt(qps, 1);
  return { ...run, latency: { ...run.latency, count } };
};

const alwaysSlow = (qps: number): Run[] => [runAt(qps, 11_000)];

describe("what the runs do not tell neither holds nor fails", () => {
  test("too few requests for the quantile end the search at once, where a miss beside them would lower the rate", () => {
    const runs = searched((qps) => [few(qps, 250)]);
    const { qps, failedQps, end, probes, sentence } = answer(runs);
    expect(runs.length).toBe(1);
    expect([qps, failedQps, end, probes[0]!.held]).toEqual([null, null, "undecided", null]);
    expect(sentence).toBe(
      "default: no rate is known to hold p99<10ms; at 1000 qps p99 is not known: p99 needs 1000 requests a run, and a run has 250.",
    );
    const refused = { ...few(1000, 250), failures: { "http-error": 250 } };
    expect(holds([refused])).toBe(false);
  });

  test("no rate is driven whose runs would have too few: p99 and 5 s need 200 qps", () => {
    const runs = searched(alwaysSlow, for5s);
    expect(runs.map(({ requested }) => requested.qps)).toEqual([1000, 500, 250, 200]);
    const found = answer(runs, for5s);
    expect([found.qps, found.failedQps, found.end]).toEqual([null, 200, "undecided"]);
    expect(found.sentence).toBe(
      "default: no rate is known to hold p99<10ms; at 200 qps p99 is 11.0 ms, and not < 10.0 ms, " +
        "and at lower rates a run has too few requests to tell: use a longer -t.",
    );
  });

  test("above, what held before still counts", () => {
    const found = answer(searched((qps) => [qps > 3000 ? few(qps, 250) : runAt(qps, 9_000)]));
    expect([found.qps, found.failedQps, found.end]).toEqual([2000, null, "undecided"]);
    expect(found.sentence).toContain(
      "2000 qps is the highest rate that held p99<10ms; at 4000 qps p99 is not known",
    );
  });
});

test.each([
  ["p99<=10", "the unit is missing", "Write p99<=20ms."],
  ["p99", "there is no comparison", "Write METRIC<=VALUE, such as p99<10ms."],
  ["<5ms", "there is no metric", "Write p99<10ms."],
])("an objective has no baseline, and no hint speaks of one: %s", async (text, problem, hint) => {
  const refusal = await thrown(() => parseObjectives([text]));
  expect(refusal).toContain(`GATE_INVALID (2): -slo: ${problem}`);
  expect(refusal.endsWith(` | ${hint}`)).toBe(true);
});

describe("a search whose first rate gives too few requests is refused", () => {
  test.each<[string, Partial<LoadPlan>, string]>([
    [
      "p99<20ms",
      { qps: 8 },
      "p99 needs 1000 requests a run, and -qps 8 -t 5s gives 40 | Use -t 125s or more, or start with -qps 200.",
    ],
    ["p99<20ms", { qps: 199.9 }, "gives 999 | Use -t 6s or more, or start with -qps 200."],
    [
      "p99.9<20ms",
      { exactly: 9_999 },
      "p99.9 needs 10000 requests a run, and -n 9999 gives 9999 | Use -n 10000 or more.",
    ],
  ])("%s at %j", async (objective, amount, message) => {
    const refusal = await thrown(() =>
      checkSearch({ ...search, objectives: ["p50<9ms", objective] }, { ...for5s, ...amount }),
    );
    expect(refusal).toContain("PLAN_IMPOSSIBLE (2)");
    expect(refusal).toContain(message);
  });

  test("and one that gives enough is not", () => {
    checkSearch(search, { ...for5s, qps: 200 });
    checkSearch({ ...search, objectives: ["p99.9<20ms"] }, { ...load, exactly: 10_000 });
    checkSearch({ ...search, objectives: ["failures==0", "max<1s"] }, { ...for5s, qps: 1 });
  });
});

test("a target that does not answer ends the search, as one that holds nothing", () => {
  const found = answer(searched((qps) => [runAt(qps, 1, { state: "failed" })]));
  expect([found.qps, found.failedQps, found.end]).toEqual([null, 1000 / 64, "none-held"]);
  expect(found.sentence).toContain("most runs had no answer");
});

test("where a low rate fails and a higher one holds, nothing above the failure counts", () => {
  const found = answer([runAt(1000, 9_000), runAt(2000, 11_000), runAt(4000, 9_000)]);
  expect([found.qps, found.failedQps]).toEqual([1000, 2000]);
});
