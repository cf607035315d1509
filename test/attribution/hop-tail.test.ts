import { expect, test } from "vitest";
import { tailByHop } from "../../src/attribution/hop-tail.ts";
import { Histogram } from "../../src/histogram.ts";
import { toDistribution } from "../../src/result/distribution.ts";
import type { HopResult, MillisBin, RequestTimes } from "../../src/result/hops.ts";
import type { Run } from "../../src/result/result.ts";

/** 1000 requests of which the slowest 2 % took `slowMs` more than the others' 5 ms. */
const timesOf = (slowMs: number, count = 1000): MillisBin[] =>
  [
    { fromMs: 5, toMs: 6, count: 0.98 * count },
    { fromMs: 5 + slowMs, toMs: 6 + slowMs, count: 0.02 * count },
  ].toSorted((a, b) => a.fromMs - b.fromMs);

const known = (down: number, up: number, count = 1000): RequestTimes => ({
  downstream: timesOf(down, count),
  upstream: timesOf(up, count),
  reason: "",
});

function tailOf(times: readonly (RequestTimes | null)[], clientMs: number) {
  const histogram = new Histogram();
  for (let i = 0; i < 1000; i++) histogram.record(i < 980 ? 5500 : (5.5 + clientMs) * 1e3);
  const hops = times.map((one, i) => ({ hop: i + 1, times: one }) as HopResult);
  const run = { hops, latencyWithoutLag: toDistribution(histogram, []), tail: { quantile: 0.99 } };
  return tailByHop(run as unknown as Run);
}

test("of 60 ms that hop 2 adds, every place before it has them, and none behind", () => {
  const { parts, sentence } = tailOf([known(60, 60), known(60, 0)], 60);
  expect(parts.map(({ hop, side }) => `${hop} ${side}`)).toEqual([
    "0 client",
    "1 downstream",
    "1 upstream",
    "2 downstream",
    "2 upstream",
  ]);
  // Ranks 984 to 996 of 1000: 990 ± 1.645 √(1000 · 0.99 · 0.01), all of them slow.
  expect(parts.slice(1).map(({ tailUs }) => tailUs)).toEqual([
    [65_000, 66_000],
    [65_000, 66_000],
    [65_000, 66_000],
    [5000, 66_000].with(1, 6000),
  ]);
  expect(parts.map(({ addedUs }) => addedUs).slice(1)).toEqual([
    [-1000, 1000],
    [-1000, 1000],
    [59_000, 61_000],
    [5000, 6000],
  ]);
  expect(sentence).toBe(
    "The largest part of p99 arises within hop 2: between 59.0 ms and 61.0 ms. Quantiles do not add up, and Envoy counts whole milliseconds.",
  );
});

test("the wait between two hops, before the first and behind the last is told apart", () => {
  expect(tailOf([known(60, 60), known(0, 0)], 60).sentence).toContain("arises between hop 1 and hop 2:");
  expect(tailOf([known(0, 0), known(0, 0)], 60).sentence).toContain("arises before hop 1:");
  expect(tailOf([known(60, 60), known(60, 60)], 60).sentence).toContain("arises behind hop 2:");
});

test("two parts of the same size are not told apart, nor is a tail of whole milliseconds", () => {
  expect(tailOf([known(60, 30), known(30, 0)], 60).sentence).toMatch(
    /^No part of the way is known to add more to p99/,
  );
  const fast: RequestTimes = {
    downstream: [{ fromMs: 0, toMs: 1, count: 1000 }],
    upstream: [{ fromMs: 0, toMs: 1, count: 1000 }],
    reason: "",
  };
  expect(
    tailOf([fast, fast], 1)
      .parts.slice(1)
      .map(({ addedUs }) => addedUs),
  ).toEqual([
    [-1000, 1000],
    [-1000, 1000],
    [-1000, 1000],
    [0, 1000],
  ]);
});

test("a hop that tells no times is left out, its reason said, and what it hides is named with it", () => {
  const unseen = { downstream: null, upstream: null, reason: "only Envoy's admin tells of it" };
  const { parts, sentence } = tailOf([known(60, 60), unseen], 60);
  expect(parts.map(({ where }) => where)).toEqual(["before hop 1", "within hop 1", "behind hop 1"]);
  expect(sentence).toContain("at hop 2 is not known: only Envoy's admin tells of it.");
  expect(tailOf([unseen, known(60, 60)], 60).parts.map(({ where }) => where)[0]).toBe("before hop 2");
  expect(tailOf([unseen, unseen], 60).parts).toEqual([]);
});

test("too few requests have no quantile: the upper rank of p99 is within 271, and beyond 270", () => {
  expect(tailOf([known(60, 60, 250)], 60).parts).toEqual([]);
  expect(tailOf([known(60, 60, 250)], 60).sentence).toContain("too few requests for this quantile");
});

test("a file of an earlier version, which holds no times, has neither parts nor words", () => {
  expect(tailOf([null, null], 60)).toEqual({ parts: [], sentence: "" });
});
