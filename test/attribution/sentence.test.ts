import { describe, expect, test } from "vitest";
import { sentenceOf } from "../../src/attribution/sentence.ts";
import type { SentenceParts } from "../../src/attribution/sentence.ts";
import type { ModeAttribution, RunAttribution } from "../../src/result/attribution.ts";
import type { Run } from "../../src/result/result.ts";
import { craftedRun } from "./crafted-run.ts";

const figures: Omit<ModeAttribution, "sentence"> = {
  group: "default",
  mode: "default",
  runs: 1,
  tailUs: 16_100,
  tailRangeUs: [16_100, 16_100],
  tailCensored: false,
  lagUs: 0,
  skewUs: 9_000,
  restUs: 7_100,
  skewShare: 0.56,
  skewShareRange: [0.56, 0.56],
  skewShareInterval: [0.48, 0.63],
  indicative: false,
  balancedTailUs: 7_100,
  balancedTailOtherUs: 8_000,
  measuredBalancedTailUs: 6_700,
  hotColdRisk: 10.2,
  maxOverMean: 106 / 64,
  requestMaxOverMean: 106 / 64,
  carrier: "alike",
  skewP: null,
  exampleRun: 4,
};

const attribution: RunAttribution = {
  order: 4,
  group: "default",
  connectionSkew: { maxOverMean: 106 / 64, cv: 42 / 64, jain: 0.7, p: null },
  requestSkew: { maxOverMean: 106 / 64, cv: 42 / 64, jain: 0.7, p: null },
  perWorker: [
    { worker: 0, requestShare: 0.828, tailShare: 0.98, lift: 1.18 },
    { worker: 1, requestShare: 0.172, tailShare: 0.02, lift: 0.12 },
  ],
  hotColdRisk: { ratio: 10.2, interval: [6.1, 17.4] },
  independentTailSamples: 40,
  tailUs: 16_100,
  tailCensored: false,
  lagUs: 0,
  skewUs: 9_000,
  restUs: 7_100,
  skewShare: 0.56,
  balancedTailUs: 7_100,
  balancedTailOtherUs: 8_000,
};

/** A run whose workers hold `connections` and serve ten requests over each, or as many as told. */
function runOf(connections: readonly number[], requests: readonly number[] = connections): Run {
  return craftedRun(
    connections.map((held, i) => ({
      connections: held,
      latenciesUs: Array.from({ length: 10 * requests[i]! }, () => 1000),
    })),
    { order: 4, mode: "default" },
  );
}

function say(
  changed: Partial<Omit<ModeAttribution, "sentence">> = {},
  {
    run = runOf([106, 22]),
    about = {},
    ...rest
  }: Partial<Omit<SentenceParts, "figures" | "example">> & {
    run?: Run;
    about?: Partial<RunAttribution>;
  } = {},
): string {
  return sentenceOf({
    figures: { ...figures, ...changed },
    tailQuantile: 0.99,
    example: { run, attribution: { ...attribution, ...about } },
    reason: null,
    balanced: false,
    single: false,
    ...rest,
  });
}

const undecided = {
  skewUs: null,
  restUs: null,
  skewShare: null,
  skewShareInterval: null,
  balancedTailUs: null,
};
const even = { maxOverMean: 1, cv: 0, jain: 1, p: null };
const held = "106 of 128 connections (83 %) and 98 % of the requests beyond p99";

describe("the sentence", () => {
  test("tells how much of the tail is skew, who held it, and what balance would bring", () => {
    expect(say({ runs: 5, tailRangeUs: [14_200, 18_040] })).toBe(
      `default: p99 16.1 ms, of which 9.00 ms (56 % [48–63]) is connection skew: the busiest worker held ${held}. ` +
        "Balanced, and without mesh-load's lag, p99 would be 7.10 ms; exact_balance measured 6.70 ms. " +
        "(Median of 5 runs [14.2 ms–18.0 ms]; the connections are run 5's.)",
    );
  });

  test("says of two skews that differ that the runs cannot tell which carries it", () => {
    const unclear = { carrier: "unclear", requestMaxOverMean: 1.2 } as const;
    expect(say(unclear)).toContain(
      " Connections (busiest worker ×1.66 the mean) and requests (×1.20) are skewed differently, and which of them carries it cannot be told.",
    );
    // Without a split there is no "it".
    expect(say({ ...undecided, ...unclear }, { reason: "one worker" })).not.toContain("cannot be told.");
  });

  test("says that an interval of few runs only indicates", () => {
    expect(say({ runs: 3, tailRangeUs: [14_200, 18_040], indicative: true })).toContain(
      "(Median of 3 runs [14.2 ms–18.0 ms]; the connections are run 5's; under 5 runs the interval only indicates.)",
    );
    expect(say()).toContain("(One run of the mode: the interval only indicates.)");
  });

  test("leaves out what no exact_balance run measured", () => {
    expect(say({ measuredBalancedTailUs: null })).toContain(
      "Balanced, and without mesh-load's lag, p99 would be 7.10 ms. (",
    );
  });

  test("names another quantile, and a tail that lies above a censored age", () => {
    expect(say({ tailCensored: true }, { tailQuantile: 0.999 })).toMatch(
      /^default: p99\.9 ≥ 16\.1 ms, of which/,
    );
  });

  test("does not claim a skew that the interval cannot tell from none", () => {
    expect(
      say({ skewUs: 700, skewShare: 0.04, skewShareInterval: [-0.06, 0.14], balancedTailUs: 15_400 }),
    ).toBe(
      `default: p99 16.1 ms. No part of it can be told to be connection skew (4 % [-6 to 14]): the busiest worker held ${held}. ` +
        "Balanced, and without mesh-load's lag, p99 would be 15.4 ms; exact_balance measured 6.70 ms. (One run of the mode: the interval only indicates.)",
    );
  });

  test("says so where skew made the tail shorter", () => {
    expect(say({ skewUs: -800, skewShare: -0.05, skewShareInterval: [-0.09, -0.02] })).toContain(
      "default: p99 16.1 ms, which connection skew did not raise but lower by 800 µs (-5 % [-9 to -2]): the busiest",
    );
  });

  test("gives the driver's own lag its part where it is one", () => {
    expect(say({ lagUs: 1_000 })).toContain(" 1.00 ms (6 %) is mesh-load's own lag.");
    expect(say({ lagUs: 300 })).not.toContain("own lag");
  });

  test("shows skew and risk of a single run and asks for more", () => {
    expect(
      say({ ...undecided, measuredBalancedTailUs: null }, { single: true, reason: "there is one run" }),
    ).toBe(
      `default: p99 16.1 ms. The busiest worker held ${held}, where a request is 10 times as likely to be slow ` +
        "as on the idlest [6.1–17]. More runs are needed to tell how much of the tail is skew.",
    );
  });

  test("gives the reason in place of a number", () => {
    expect(say(undecided, { reason: "there is one run", about: { hotColdRisk: null } })).toBe(
      `default: p99 16.1 ms. The busiest worker held ${held}. ` +
        "How much of the tail is skew cannot be told: there is one run. " +
        "Without mesh-load's lag exact_balance measured a p99 of 6.70 ms.",
    );
  });

  test("blames nothing on a balanced load", () => {
    const about = {
      connectionSkew: even,
      requestSkew: even,
      perWorker: [
        { worker: 0, requestShare: 0.5, tailShare: 0.47, lift: 0.94 },
        { worker: 1, requestShare: 0.5, tailShare: 0.53, lift: 1.06 },
      ],
    };
    expect(
      say({ group: "exact_balance", mode: "exact_balance" }, { run: runOf([64, 64]), about, balanced: true }),
    ).toBe(
      "exact_balance: p99 16.1 ms. The load was balanced, so none of it is skew: " +
        "the busiest worker held 64 of 128 connections (50 %) and 47 % of the requests beyond p99.",
    );
  });

  test("speaks of requests where balanced connections carry unequal ones", () => {
    const about = {
      connectionSkew: even,
      perWorker: [{ worker: 1, requestShare: 0.8, tailShare: 0.95, lift: 1.19 }],
    };
    expect(say({}, { run: runOf([64, 64], [32, 128]), about })).toContain(
      "(56 % [48–63]) is request skew: the busiest worker served 80 % of the requests on 64 of 128 connections (50 %) " +
        "and 95 % of the requests beyond p99.",
    );
  });

  test("says that workers are unknown, and why for short-lived connections", () => {
    const unseen = {
      ...runOf([106, 22]),
      mapping: { method: "none", mapped: 0, unmapped: 128, checks: [] },
    } as const;
    expect(say(undecided, { run: unseen })).toBe(
      "default: p99 16.1 ms. Which worker served which connection is not known, so no part of it can be laid to skew.",
    );
    expect(say(undecided, { run: { ...unseen, keepalive: false } })).toContain(
      "Every request had a connection of its own, and which worker served it is not known",
    );
  });
});
