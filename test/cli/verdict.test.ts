import { expect, test } from "vitest";
import { endedEarly, exitCodeOf } from "../../src/cli/verdict.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import type { LoadProfile } from "../../src/plan/profile.ts";
import type { MaxRate } from "../../src/result/max-rate.ts";
import type { ResultSet, Run } from "../../src/result/result.ts";
import type { Stop } from "../../src/result/stop.ts";
import { createWarning } from "../../src/result/warnings.ts";

/** A second at 100 qps, all answered, unless told otherwise: the parts of a run that a verdict reads. */
type Outcome = Partial<Pick<Run, "state" | "stop" | "statuses" | "failures" | "warnings">> & {
  requests?: number;
};

function runOf({ requests = 100, state = "completed", stop = null, ...rest }: Outcome): Run {
  const judged = {
    state,
    stop,
    requested: { qps: 100, connections: 4, durationS: 1 },
    actual: { qps: requests, connections: 4, durationS: 1, requests, driverCpuS: 0.1 },
    statuses: { "200": requests },
    failures: {},
    warnings: [],
    ...rest,
    latency: { count: requests + sumOf(rest.failures ?? {}) },
  };
  return judged as unknown as Run;
}

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

function setOf(
  outcomes: readonly Outcome[],
  { planned = outcomes.length, load = {} as LoadProfile } = {},
): ResultSet {
  const profile = {
    targets: [{ url: "http://h" }],
    load: { qps: 100, ...load },
    repetitions: Math.max(1, planned),
  };
  const plan = createPlan({ profile, freshSeed: 1 });
  return { plan, runs: outcomes.map(runOf), maxRates: [] } as unknown as ResultSet;
}

const verdict = (
  outcomes: readonly Outcome[],
  options: Parameters<typeof setOf>[1] = {},
  tolerance = {},
): number =>
  exitCodeOf(setOf(outcomes, options), {
    maxFailures: 0,
    strict: false,
    allowInconclusive: false,
    ...tolerance,
  });

const late = [createWarning("driver-saturated", "late")];
const noisy = [createWarning("noisy-machine", "steal")];

test("0 when every request was answered", () => {
  expect(verdict([{}, {}])).toBe(0);
});

test("130 when a run was cut short, or never begun", () => {
  expect(verdict([{}, { state: "interrupted" }])).toBe(130);
  expect(verdict([{}], { planned: 3 })).toBe(130);
  expect(verdict([], { planned: 1 })).toBe(130);
});

test("an interruption is the planned end of -t 0, and of nothing else", () => {
  expect(verdict([{ state: "interrupted" }], { load: { duration: "0" } })).toBe(0);
  expect(verdict([{ state: "interrupted" }], { load: { exactly: 1000 } })).toBe(130);
  // Before its first request, it is the end of no load.
  expect(verdict([{ state: "interrupted", requests: 0 }], { load: { duration: "0" } })).toBe(130);
});

const stopped = (code: Stop["code"]): Outcome => ({ state: "failed", stop: { code, message: "" } });

test("4 when a thread died, whatever else there is to say", () => {
  expect(verdict([stopped("thread-died")], { planned: 3 })).toBe(4);
  expect(verdict([{ ...stopped("thread-died"), requests: 0 }])).toBe(4);
});

test("1 when a run ended by -abort-on or its first request, though others were never begun", () => {
  expect(verdict([{}, stopped("abort-on")], { planned: 9 })).toBe(1);
  expect(verdict([stopped("initial-error")], { planned: 9 })).toBe(1);
  expect(verdict([{ ...stopped("initial-error"), requests: 0 }])).toBe(3);
});

test("what ended the experiment leaves nothing to judge, and what one run met alone does", () => {
  const isPart = (code: Stop["code"]): boolean => endedEarly(setOf([{}, stopped(code)]));
  expect((["thread-died", "abort-on", "initial-error"] as const).map(isPart)).toEqual([true, true, true]);
  expect((["no-answer", "interrupted"] as const).map(isPart)).toEqual([false, false]);
  expect(endedEarly(setOf([{}]))).toBe(false);
});

test("3 when nothing ever answered, but not when something did", () => {
  const dead = { requests: 0, state: "failed", statuses: {}, failures: { "connect-refused": 100 } } as const;
  expect(verdict([dead, dead])).toBe(3);
  expect(verdict([dead, {}])).toBe(1);
});

test("1 when there are more failures than tolerated, over all runs", () => {
  const outcomes = [
    { failures: { timeout: 2 } },
    { statuses: { "200": 97, "404": 1, "503": 2 }, failures: { "http-error": 3 } },
  ];
  expect(verdict(outcomes)).toBe(1);
  expect(verdict(outcomes, {}, { maxFailures: 4 })).toBe(1);
  expect(verdict(outcomes, {}, { maxFailures: 5 })).toBe(0);
});

test("1 when everything was answered 503", () => {
  expect(verdict([{ statuses: { "503": 100 }, failures: { "http-error": 100 } }])).toBe(1);
});

test("4 when the driver was too slow for its rate, though that left requests unsent", () => {
  expect(verdict([{ requests: 98, warnings: late }])).toBe(4);
  expect(verdict([{ requests: 90, failures: { "never-sent": 10 }, warnings: late }])).toBe(4);
});

test("not 4 when the driver was late and still reached 99 % of the rate", () => {
  expect(verdict([{ requests: 99, warnings: late }])).toBe(0);
});

test("not 4 when the target was too slow: what was never sent is its failure", () => {
  const behind = [createWarning("behind-schedule", "slow")];
  expect(verdict([{ requests: 90, failures: { "never-sent": 10 }, warnings: behind }])).toBe(1);
});

test("a request that failed was sent: it is not missing to the rate", () => {
  expect(verdict([{ requests: 95, failures: { timeout: 5 }, warnings: late }], {}, { maxFailures: 5 })).toBe(
    0,
  );
});

test("4 for any warning under -strict, after the failures", () => {
  expect(verdict([{ warnings: noisy }])).toBe(0);
  expect(verdict([{ warnings: noisy }], {}, { strict: true })).toBe(4);
  expect(verdict([{ warnings: noisy, failures: { reset: 1 } }], {}, { strict: true })).toBe(1);
  expect(verdict([{}], {}, { strict: true })).toBe(0);
});

test("a search: 0 with a rate for each target, 1 without one, 5 undecided, 4 where the driver was the limit, 130 unfinished", () => {
  const profile = { targets: [{ url: "http://h" }], findMax: ["p99<10ms"], load: { qps: 100 } };
  const plan = createPlan({ profile, freshSeed: 1 });
  const codeOf = (rates: readonly Partial<MaxRate>[], allowInconclusive = false): number => {
    // The rates above failed, and mesh-load fell short there: that is what a search is for.
    const runs = [runOf({ failures: { timeout: 5 }, warnings: late })];
    return exitCodeOf({ plan, runs, maxRates: rates } as unknown as ResultSet, {
      maxFailures: 0,
      strict: true,
      allowInconclusive,
    });
  };
  const found = { qps: 100, end: "found" } as const;
  const open = { qps: null, end: "undecided" } as const;
  expect(codeOf([found, { qps: 6400, end: "all-held" }])).toBe(0);
  expect(codeOf([found, { qps: null, end: "none-held" }])).toBe(1);
  expect(codeOf([found, open])).toBe(5);
  expect(codeOf([found, { ...open, qps: 100 }])).toBe(5);
  expect(codeOf([found, open], true)).toBe(0);
  expect(codeOf([open, { qps: null, end: "none-held" }], true)).toBe(1);
  expect(codeOf([open, { qps: 200, end: "driver-saturated" }])).toBe(4);
  expect(codeOf([open, { qps: 200, end: "unfinished" }])).toBe(130);
});
