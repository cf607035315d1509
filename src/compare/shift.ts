/**
 * The shift between two sides, one value a run: estimate (Hodges–Lehmann), one-sided p-values and bounds, all from one
 * sorted list of contrasts, so that a bound lies beyond a tolerance exactly where the p-value is below α.
 *
 * Paired, the contrasts are the Walsh averages of the differences; unpaired, all differences between the sides
 * (J. Hodges, E. Lehmann, Annals of Mathematical Statistics 34, 1963; M. Hollander, D. Wolfe, E. Chicken,
 * Nonparametric Statistical Methods, 3rd ed., §3.3, §4.3). Equal values count against the claim, which keeps the level.
 */

import { rankSum, rejects, signedRank } from "./null-distribution.ts";
import type { NullDistribution } from "./null-distribution.ts";

/** A value of a run, as a bracket: a censored one is at least what is shown. */
export interface Bracket {
  readonly shown: number;
  /** `shown`, or Infinity. */
  readonly most: number;
}

export interface Shift {
  readonly estimate: number;
  /** The smallest p-value that so many runs can give. */
  readonly leastP: number;
  /** One-sided: P(so large a shift, or larger, were it really `tolerance`). */
  readonly pAbove: (tolerance: number) => number;
  /** The shift is above it with confidence 1 − `alpha`; −Infinity where the runs do not bound it. */
  readonly lower: (alpha: number) => number;
  readonly upper: (alpha: number) => number;
}

/** Values at the same index were measured side by side. Needs one pair. */
export function pairedShift(baseline: readonly Bracket[], candidate: readonly Bracket[]): Shift {
  const differences = (of: (baseline: Bracket, candidate: Bracket) => number): Float64Array =>
    walshAverages(baseline.map((one, i) => of(one, candidate[i]!)));
  return shiftOf({ differences, brackets: [...baseline, ...candidate], law: signedRank(baseline.length) });
}

/** Needs a value on each side. */
export function unpairedShift(baseline: readonly Bracket[], candidate: readonly Bracket[]): Shift {
  const differences = (of: (baseline: Bracket, candidate: Bracket) => number): Float64Array =>
    Float64Array.from(candidate.flatMap((two) => baseline.map((one) => of(one, two)))).sort();
  const law = rankSum(candidate.length, baseline.length);
  return shiftOf({ differences, brackets: [...baseline, ...candidate], law });
}

interface Contrasts {
  /** Sorted, of differences that `of` makes of two runs. */
  readonly differences: (of: (baseline: Bracket, candidate: Bracket) => number) => Float64Array;
  readonly brackets: readonly Bracket[];
  readonly law: NullDistribution;
}

function shiftOf({ differences, brackets, law }: Contrasts): Shift {
  const shown = differences((baseline, candidate) => candidate.shown - baseline.shown);
  const isExact = brackets.every(({ shown, most }) => shown === most);
  // The least that the shift can be, and the most: what is censored may be anything from its age on.
  const least = isExact ? shown : differences((baseline, candidate) => candidate.shown - baseline.most);
  const most = isExact ? shown : differences((baseline, candidate) => candidate.most - baseline.shown);
  return {
    estimate: middleOf(shown),
    leastP: law.tail(law.most),
    pAbove: (tolerance) => law.tail(countAbove(least, tolerance)),
    lower: (alpha) => {
      const needed = neededOf(law, alpha);
      return needed === null ? -Infinity : least[least.length - needed]!;
    },
    upper: (alpha) => {
      const needed = neededOf(law, alpha);
      return needed === null ? Infinity : most[needed - 1]!;
    },
  };
}

/** All (dᵢ + dⱼ)/2, i ≤ j, sorted. */
function walshAverages(differences: readonly number[]): Float64Array {
  const averages = new Float64Array((differences.length * (differences.length + 1)) / 2);
  let at = 0;
  for (const [i, one] of differences.entries())
    for (let j = i; j < differences.length; j++) averages[at++] = (one + differences[j]!) / 2;
  return averages.sort();
}

function countAbove(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return sorted.length - low;
}

/** How many contrasts must lie above a shift to reject it at `alpha`; `null` where even all of them do not suffice. */
export function neededOf({ most, tail }: NullDistribution, alpha: number): number | null {
  if (!rejects(tail(most), alpha)) return null;
  let [low, high] = [0, most];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rejects(tail(middle), alpha)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function middleOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
