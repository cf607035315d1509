/** How likely a worsening is to be found, by drawing experiments of which everything is known. */

import { normalDraw, normalQuantile } from "../attribution/normal.ts";
import { seededRandom } from "../random.ts";
import { rankSum, signedRank } from "./null-distribution.ts";
import { neededOf } from "./shift.ts";

/** All on the scale of shifts: logarithms for what is compared as a ratio. */
export interface Experiment {
  readonly design: "paired" | "unpaired";
  readonly repetitions: number;
  /** Standard deviation of a run about its block (paired), or about its side (unpaired). */
  readonly sigma: number;
  /** The true worsening, and the one that the gate allows. */
  readonly effect: number;
  readonly allowed: number;
  /** One-sided level of this test. */
  readonly alpha: number;
}

/** The share of `draws` experiments in which the gate fails. Runs vary normally; the same seed gives the same answer. */
export function powerOf(experiment: Experiment, { draws = 1000, seed = 1 } = {}): number {
  const { design, repetitions } = experiment;
  const law = design === "paired" ? signedRank(repetitions) : rankSum(repetitions, repetitions);
  const needed = neededOf(law, experiment.alpha);
  if (needed === null) return 0;
  const random = seededRandom(seed, `power ${repetitions}`);
  const count = design === "paired" ? countWalsh : countDifferences;
  let found = 0;
  for (let draw = 0; draw < draws; draw++) if (count(experiment, () => normalDraw(random)) >= needed) found++;
  return found / draws;
}

function countWalsh({ repetitions, sigma, effect, allowed }: Experiment, normal: () => number): number {
  const off = Float64Array.from(
    { length: repetitions },
    () => effect - allowed + sigma * (normal() - normal()),
  );
  let above = 0;
  for (let i = 0; i < repetitions; i++)
    for (let j = i; j < repetitions; j++) if (off[i]! + off[j]! > 0) above++;
  return above;
}

function countDifferences({ repetitions, sigma, effect, allowed }: Experiment, normal: () => number): number {
  const baseline = Float64Array.from({ length: repetitions }, () => sigma * normal());
  let above = 0;
  for (let i = 0; i < repetitions; i++) {
    const candidate = effect - allowed + sigma * normal();
    for (const one of baseline) if (candidate > one) above++;
  }
  return above;
}

/** From here on the normal law tells the same as drawing does, and at once. */
const mostDrawn = 20;
/** Rank statistics need π/3 times the runs that a t-test would (E. Pitman, 1948; E. Lehmann, Nonparametrics, 1975). */
const overT = Math.PI / 3;

/** The fewest repetitions that find the effect with probability `power`; `null` where the gate allows it. */
export function repetitionsFor(
  experiment: Omit<Experiment, "repetitions">,
  { power = 0.8, draws = 1000 } = {},
): number | null {
  const { sigma, effect, allowed, alpha } = experiment;
  if (effect <= allowed) return null;
  // Both designs compare two runs at a time: the variance of a difference is twice that of a run.
  const odds = normalQuantile(alpha) + normalQuantile(1 - power);
  const byNormalLaw = Math.ceil(2 * overT * ((sigma * odds) / (effect - allowed)) ** 2);
  // Small numbers are drawn: there the levels that can be reached lie far apart.
  for (let repetitions = Math.max(2, byNormalLaw >> 1); repetitions <= mostDrawn; repetitions++)
    if (powerOf({ ...experiment, repetitions }, { draws }) >= power) return repetitions;
  return Math.max(mostDrawn + 1, byNormalLaw);
}
