/**
 * How two rank statistics fall when there is no shift, exactly: every assignment of signs, or of runs to sides, is
 * equally likely, which is what interleaving (or drawing the order) makes true. Above sizes at which nobody could tell the
 * difference, the normal law stands for them.
 */

import { normalTail } from "../attribution/normal.ts";

/** P(T ≥ t), t = 0 … the statistic's largest value. */
export interface NullDistribution {
  readonly most: number;
  readonly tail: (t: number) => number;
}

/** Whether a p-value rejects: below α, and not for a rounding error. So three against three, p = 0.05, do not at 5 %. */
export const rejects = (p: number, alpha: number): boolean => p < alpha - 1e-12;

const mostExactPairs = 200;
const mostExactProduct = 1000;

const signedRanks = new Map<number, NullDistribution>();
const rankSums = new Map<string, NullDistribution>();

/**
 * Wilcoxon's signed-rank statistic of `pairs` differences: how many Walsh averages lie above the shift, over all 2^n
 * assignments of signs (F. Wilcoxon, Biometrics Bulletin 1, 1945).
 */
export function signedRank(pairs: number): NullDistribution {
  return remember(signedRanks, pairs, () => {
    const most = (pairs * (pairs + 1)) / 2;
    if (pairs > mostExactPairs) {
      const variance = (pairs * (pairs + 1) * (2 * pairs + 1)) / 24;
      return normalLaw(most, variance);
    }
    // The rank r counts or does not, each with probability ½.
    let law = Float64Array.of(1);
    for (let rank = 1; rank <= pairs; rank++) {
      const next = new Float64Array(law.length + rank);
      for (const [sum, p] of law.entries()) {
        next[sum]! += p / 2;
        next[sum + rank]! += p / 2;
      }
      law = next;
    }
    return exactLaw(law);
  });
}

/**
 * The Mann–Whitney statistic of two groups: how many of the m·n differences lie above the shift, over all ways to deal
 * the m + n runs to the groups (H. Mann, D. Whitney, Annals of Mathematical Statistics 18, 1947).
 */
export function rankSum(m: number, n: number): NullDistribution {
  return remember(rankSums, `${m} ${n}`, () => {
    const most = m * n;
    if (most > mostExactProduct) return normalLaw(most, (most * (m + n + 1)) / 12);
    return exactLaw(mannWhitneyLaw(m, n));
  });
}

/**
 * Their recursion: the largest of all is one of the m with probability m/(m + n), and then lies above all n others.
 * Columns go by the size of the first group, so that one sweep holds what the next needs.
 */
function mannWhitneyLaw(m: number, n: number): Float64Array {
  let laws = Array.from({ length: m + 1 }, () => Float64Array.of(1));
  for (let other = 1; other <= n; other++) {
    const next: Float64Array<ArrayBuffer>[] = [Float64Array.of(1)];
    for (let own = 1; own <= m; own++) {
      const law = new Float64Array(own * other + 1);
      const share = own / (own + other);
      for (const [u, p] of next[own - 1]!.entries()) law[u + other]! += share * p;
      for (const [u, p] of laws[own]!.entries()) law[u]! += (1 - share) * p;
      next.push(law);
    }
    laws = next;
  }
  return laws[m]!;
}

function exactLaw(law: Float64Array): NullDistribution {
  const tails = new Float64Array(law.length + 1);
  for (let t = law.length - 1; t >= 0; t--) tails[t] = tails[t + 1]! + law[t]!;
  return { most: law.length - 1, tail: (t) => tails[Math.max(0, t)] ?? 0 };
}

/** With a correction for continuity. */
function normalLaw(most: number, variance: number): NullDistribution {
  return { most, tail: (t) => (t > most ? 0 : normalTail((t - 0.5 - most / 2) / Math.sqrt(variance))) };
}

function remember<Key>(
  known: Map<Key, NullDistribution>,
  key: Key,
  make: () => NullDistribution,
): NullDistribution {
  let law = known.get(key);
  if (law === undefined) known.set(key, (law = make()));
  return law;
}
