/** How unequal counts over workers are, beside what chance alone would do. */

import type { Random } from "../random.ts";
import type { Skew } from "../result/attribution.ts";
import { rangeOf } from "../order-statistics.ts";
import { normalTail } from "./normal.ts";

/**
 * Skew of counts, one a worker. `byChance` says that each of them fell on a worker at random, uniformly and
 * independently (the kernel's hash under reuse_port): only then is `p` more than `null`.
 * Jain's index: R. Jain, D. Chiu, W. Hawe, DEC-TR-301, 1984.
 */
export function skewOf(counts: readonly number[], { byChance }: { byChance: boolean }): Skew | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0 || counts.length === 0) return null;
  const mean = total / counts.length;
  const squares = counts.reduce((sum, count) => sum + count * count, 0);
  const [, max] = rangeOf(counts);
  return {
    maxOverMean: max / mean,
    cv: Math.sqrt(Math.max(0, squares / counts.length - mean * mean)) / mean,
    // Of equal shares of CPU, which are no whole numbers, it comes out a little above.
    jain: Math.min(1, (total * total) / (counts.length * squares)),
    p: byChance ? maximumP({ balls: total, bins: counts.length, max }) : null,
  };
}

/** Beyond this many steps of the exact sum, the union bound is close enough (and never too small). */
const exactSteps = 2e7;

/**
 * P(some bin holds at least `max`) when `balls` fall into `bins` at random: exact by convolution over the bins
 * (balls into bins: M. Raab, A. Steger, RANDOM 1998), by the union bound where that would take long or cancel.
 */
export function maximumP({ balls, bins, max }: { balls: number; bins: number; max: number }): number {
  if (bins <= 1 || max <= Math.ceil(balls / bins)) return 1;
  const logFactorial = logFactorials(balls);
  const union = Math.min(1, bins * binomialTail({ balls, share: 1 / bins, from: max }, logFactorial));
  if (union < 1e-6 || balls * max * bins > exactSteps) return union;

  // Bin by bin: P(so many balls in the bins so far, none of them with `max` or more).
  const pmf = (n: number, k: number, share: number): number =>
    Math.exp(
      logFactorial[n]! -
        logFactorial[k]! -
        logFactorial[n - k]! +
        k * Math.log(share) +
        (n - k) * Math.log1p(-share),
    );
  let left = new Float64Array(balls + 1);
  left[balls] = 1;
  for (let bin = 0; bin < bins - 1; bin++) {
    const next = new Float64Array(balls + 1);
    for (let n = 0; n <= balls; n++)
      for (let k = 0; left[n]! > 0 && k <= Math.min(n, max - 1); k++)
        next[n - k]! += left[n]! * pmf(n, k, 1 / (bins - bin));
    left = next;
  }
  let below = 0;
  for (let n = 0; n < Math.min(max, balls + 1); n++) below += left[n]!;
  return Math.min(1, Math.max(0, 1 - below));
}

function binomialTail(
  { balls, share, from }: { balls: number; share: number; from: number },
  logFactorial: Float64Array,
): number {
  let sum = 0;
  for (let k = from; k <= balls; k++)
    sum += Math.exp(
      logFactorial[balls]! -
        logFactorial[k]! -
        logFactorial[balls - k]! +
        k * Math.log(share) +
        (balls - k) * Math.log1p(-share),
    );
  return sum;
}

function logFactorials(upTo: number): Float64Array {
  const logs = new Float64Array(upTo + 1);
  for (let n = 2; n <= upTo; n++) logs[n] = logs[n - 1]! + Math.log(n);
  return logs;
}

const dispersionDraws = 2000;

/**
 * P(runs at least so uneven, all together) when every ball of every run falls at random: Pearson's X² summed over the
 * runs, against seeded draws, or against its χ² where every bin expects many.
 */
export function dispersionP(runs: readonly (readonly number[])[], random: Random): number | null {
  const sets = runs.filter((counts) => counts.length > 1 && counts.some((count) => count > 0));
  if (sets.length === 0) return null;
  const observed = sets.reduce((sum, counts) => sum + pearson(counts), 0);
  const sizes = sets.map((counts) => ({ bins: counts.length, balls: counts.reduce((sum, n) => sum + n, 0) }));
  if (sizes.every(({ balls, bins }) => balls / bins >= 200)) {
    return chiSquareTail(
      observed,
      sizes.reduce((sum, { bins }) => sum + bins - 1, 0),
    );
  }
  let atLeast = 0;
  for (let draw = 0; draw < dispersionDraws; draw++) {
    let drawn = 0;
    for (const { balls, bins } of sizes) {
      const counts = Array.from({ length: bins }, () => 0);
      for (let ball = 0; ball < balls; ball++) counts[Math.floor(random() * bins)]!++;
      drawn += pearson(counts);
    }
    if (drawn >= observed - 1e-9) atLeast++;
  }
  return (1 + atLeast) / (1 + dispersionDraws);
}

function pearson(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** P(χ² ≥ `value`) by Wilson and Hilferty's cube root (PNAS 17, 1931): good to three digits where it is used. */
function chiSquareTail(value: number, freedom: number): number {
  const spread = 2 / (9 * freedom);
  return normalTail((Math.cbrt(value / freedom) - (1 - spread)) / Math.sqrt(spread));
}
