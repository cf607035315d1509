import { describe, expect, test } from "vitest";
import { normalQuantile, normalTail } from "../../src/attribution/normal.ts";
import { rankSum, signedRank } from "../../src/compare/null-distribution.ts";

/** Every assignment of signs to the ranks 1 … n, counted. */
function enumeratedSigns(n: number, atLeast: number): number {
  let hits = 0;
  for (let signs = 0; signs < 2 ** n; signs++) {
    let sum = 0;
    for (let rank = 1; rank <= n; rank++) if ((signs >> (rank - 1)) & 1) sum += rank;
    if (sum >= atLeast) hits++;
  }
  return hits / 2 ** n;
}

/** Every deal of m + n ranks to two hands, counted. */
function enumeratedDeals(m: number, n: number, atLeast: number): number {
  let [hits, deals] = [0, 0];
  for (let hand = 0; hand < 2 ** (m + n); hand++) {
    const own = [...Array(m + n).keys()].filter((rank) => (hand >> rank) & 1);
    if (own.length !== m) continue;
    deals++;
    // U = rank sum − m(m + 1)/2, ranks from 1.
    const u = own.reduce((sum, rank) => sum + rank + 1, 0) - (m * (m + 1)) / 2;
    if (u >= atLeast) hits++;
  }
  return hits / deals;
}

test.each([1, 2, 3, 5, 7, 10])("signed ranks of %d pairs are as enumeration finds them", (n) => {
  const law = signedRank(n);
  expect(law.most).toBe((n * (n + 1)) / 2);
  for (let t = 0; t <= law.most; t++) expect(law.tail(t)).toBeCloseTo(enumeratedSigns(n, t), 12);
  expect(law.tail(law.most + 1)).toBe(0);
});

test.each([
  [1, 1],
  [3, 3],
  [2, 7],
  [6, 4],
])("the rank sum of %d against %d is as enumeration finds it", (m, n) => {
  const law = rankSum(m, n);
  expect(law.most).toBe(m * n);
  for (let t = 0; t <= law.most; t++) expect(law.tail(t)).toBeCloseTo(enumeratedDeals(m, n, t), 12);
});

// scipy 1.17.1: stats.wilcoxon(…, alternative="greater", method="exact").pvalue, and the survival function of
// stats.mannwhitneyu(…, method="exact").
test.each([
  [signedRank(25), 25 * 13 - 3, 1.4901161193847656e-7],
  [signedRank(25), 25 * 13 - 25, 2.694129943847656e-5],
  [signedRank(40), 533, 0.05001572640048835],
  [rankSum(7, 7), 40, 0.026515151515151516],
  [rankSum(9, 5), 38, 0.020979020979020976],
  [rankSum(27, 27), 500, 0.00932273212907064],
  [rankSum(30, 12), 250, 0.026052682470071573],
])("scipy finds the same (%#)", ({ tail }, t, p) => {
  expect(tail(t) / p).toBeCloseTo(1, 9);
});

test("3 against 3 cannot reach 5 %, nor can 4 pairs; 5 pairs can", () => {
  expect(rankSum(3, 3).tail(9)).toBeCloseTo(0.05, 12);
  expect(signedRank(4).tail(10)).toBe(0.0625);
  expect(signedRank(5).tail(15)).toBe(0.03125);
});

const signedZ = (pairs: number, t: number): number =>
  (t - 0.5 - (pairs * (pairs + 1)) / 4) / Math.sqrt((pairs * (pairs + 1) * (2 * pairs + 1)) / 24);
const rankZ = (m: number, n: number, t: number): number =>
  (t - 0.5 - (m * n) / 2) / Math.sqrt((m * n * (m + n + 1)) / 12);

describe("where the normal law stands for the exact one", () => {
  test("signed ranks: just below and just above the limit agree", () => {
    for (const t of [10_050, 11_000, 11_400, 12_000])
      expect(signedRank(200).tail(t)).toBeCloseTo(normalTail(signedZ(200, t)), 3);
    expect(signedRank(201).tail(11_500)).toBeCloseTo(normalTail(signedZ(201, 11_500)), 12);
    expect(signedRank(201).tail((201 * 202) / 2 + 1)).toBe(0);
  });

  test("rank sums: just below and just above the limit agree", () => {
    for (const t of [500, 560, 620, 700])
      expect(rankSum(31, 32).tail(t)).toBeCloseTo(normalTail(rankZ(31, 32, t)), 2.5);
    expect(rankSum(32, 32).tail(600)).toBeCloseTo(normalTail(rankZ(32, 32, 600)), 12);
  });
});

// Abramowitz and Stegun, table 26.1.
test("quantiles of the normal law", () => {
  expect(normalQuantile(0.5)).toBeCloseTo(0, 5);
  expect(normalQuantile(0.05)).toBeCloseTo(1.64485, 4);
  expect(normalQuantile(0.025)).toBeCloseTo(1.95996, 4);
  expect(normalQuantile(0.8)).toBeCloseTo(-0.84162, 4);
});
