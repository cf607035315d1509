/** The tail in three parts that add up: what the driver was late by, what the skew costs, and the rest. */

import type { Random } from "../random.ts";
import { histogramOf, quantileUs } from "../result/distribution.ts";
import type { Distribution, Run } from "../result/result.ts";
import { wasHeldUp } from "./dose.ts";
import type { RunDose } from "./dose.ts";
import { meanOver } from "./bend.ts";
import type { WeightedFit } from "./bend.ts";
import type { Fit } from "./dose-response.ts";
import { intervalOf, median, rangeOf } from "../order-statistics.ts";
import { atSlope } from "./profile.ts";
import type { Profile, ShapeFit } from "./profile.ts";
import { normalDraw } from "./normal.ts";

/** One run's tail T = lag + skew + rest, in microseconds. */
export interface RunSplit {
  readonly tailUs: number;
  /** Without the driver's lag. */
  readonly lagFreeTailUs: number;
  readonly lagUs: number;
  readonly skewUs: number | null;
  readonly restUs: number | null;
  readonly skewShare: number | null;
  /** The rest by the other shape. */
  readonly otherRestUs: number | null;
}

/** Splits a run's tail. Without a fit, or without the dose of its workers, only the lag is known. */
export function splitRun(
  run: Run,
  { dose, fit, tailQuantile }: { dose: RunDose | null; fit: Fit | null; tailQuantile: number },
): RunSplit {
  const tailUs = tailOf(run.latency, tailQuantile);
  const lagFreeTailUs = tailOf(run.latencyWithoutLag, tailQuantile);
  const balanced = (fits: readonly WeightedFit[] | undefined): number | null =>
    dose === null || fits === undefined ? null : balancedTailUs(dose, { lagFreeTailUs, fits });
  const restUs = balanced(fit?.main);
  return {
    tailUs,
    lagFreeTailUs,
    lagUs: tailUs - lagFreeTailUs,
    skewUs: restUs === null ? null : lagFreeTailUs - restUs,
    restUs,
    skewShare: restUs === null || tailUs === 0 ? null : (lagFreeTailUs - restUs) / tailUs,
    otherRestUs: fit?.other ? balanced([{ ...fit.other, weight: 1 }]) : null,
  };
}

/** The quantile as the distribution lists it, so that all outputs show one number. */
function tailOf(distribution: Distribution, quantile: number): number {
  const listed = distribution.percentilesUs[String(Number((quantile * 100).toFixed(6)))];
  return listed ?? quantileUs(histogramOf(distribution), quantile);
}

/**
 * The run's tail had every worker held an equal share: its lag-free tail times what rescaling each worker's latencies to
 * balance does to the quantile of their mixture. A run without any skew keeps its tail to the microsecond; one whose
 * busy workers were saturated is judged by those that were not, or, where there are none, by other runs of its load.
 */
function balancedTailUs(
  dose: RunDose,
  { lagFreeTailUs, fits }: { lagFreeTailUs: number; fits: readonly WeightedFit[] },
): number | null {
  const { profiles } = fits[0]!;
  const at = indexOfRun(dose.order, profiles);
  if (at >= 0) return lagFreeTailUs * Math.exp(meanOver(fits, (fit) => logGain(fit.profiles[at]!, fit)));
  if (wasHeldUp(dose)) return null;
  const alike = [...profiles.keys()].filter((other) => profiles[other]!.dose.load === dose.load);
  if (alike.length === 0) return null;
  const logTailOf = (other: number): number =>
    meanOver(fits, ({ profiles, slopes, slope }) => atSlope(profiles[other]!.logTail, slopes, slope));
  return Math.exp(median(alike.map(logTailOf)));
}

/** Where a run stands among the profiles, in every fit the same; −1 where it has none. */
const indexOfRun = (order: number, profiles: readonly Profile[]): number =>
  profiles.findIndex(({ dose }) => dose.order === order);

/** Log of a run's tail at balance over its tail as it was. */
const logGain = (
  { logTail, logMeasured }: Profile,
  { slopes, slope }: Pick<ShapeFit, "slopes" | "slope">,
): number => atSlope(logTail, slopes, slope) - logMeasured;

/** The figures of a group of runs: medians, and how sure the skew's share is. */
export interface GroupSplit {
  readonly tailUs: number;
  readonly tailRangeUs: readonly [number, number];
  readonly lagUs: number;
  readonly skewUs: number | null;
  readonly restUs: number | null;
  readonly otherRestUs: number | null;
  readonly skewShare: number | null;
  readonly skewShareRange: readonly [number, number] | null;
  readonly skewShareInterval: readonly [number, number] | null;
}

/**
 * A group's tail is the median of its runs' and so is each part's share of the tail: the parts are those shares of the
 * median tail, and the rest is what remains, so that they add up; nothing where more than half the runs have no parts.
 * The interval says how sure the median share of *these* runs is: each draw takes a slope of resampled runs and moves
 * each run's balanced tail by the noise between workers.
 */
export function splitGroup(
  members: readonly { readonly run: Run; readonly split: RunSplit }[],
  { fit, random }: { fit: Fit | null; random: Random },
): GroupSplit {
  const tails = members.map(({ split }) => split.tailUs);
  const tailUs = median(tails);
  const lagUs = tailUs * median(members.map(({ split }) => shareOf(split.lagUs, split)));
  const shares = members.flatMap(({ split }) => (split.skewShare === null ? [] : [split.skewShare]));
  const known = { tailUs, tailRangeUs: rangeOf(tails), lagUs };
  if (fit === null || 2 * shares.length < members.length)
    return {
      ...known,
      skewUs: null,
      restUs: null,
      otherRestUs: null,
      skewShare: null,
      skewShareRange: null,
      skewShareInterval: null,
    };
  const skewShare = median(shares);
  const others = members.flatMap(({ split }) =>
    split.otherRestUs === null ? [] : [shareOf(split.lagFreeTailUs - split.otherRestUs, split)],
  );
  return {
    ...known,
    skewUs: skewShare * tailUs,
    restUs: tailUs - lagUs - skewShare * tailUs,
    otherRestUs: others.length === 0 ? null : tailUs - lagUs - median(others) * tailUs,
    skewShare,
    skewShareRange: rangeOf(shares),
    skewShareInterval: intervalOf(shareDraws(members, { fit, random })),
  };
}

const shareOf = (us: number, { tailUs }: RunSplit): number => (tailUs === 0 ? 0 : us / tailUs);

function shareDraws(
  members: readonly { readonly run: Run; readonly split: RunSplit }[],
  { fit, random }: { fit: Fit; random: Random },
): number[] {
  const { profiles } = fit.main[0]!;
  const rows = members.flatMap(({ run, split }) => {
    const { lagFreeTailUs, restUs } = split;
    if (restUs === null) return [];
    const at = indexOfRun(run.order, profiles);
    return [{ split, at, lagFreeTailUs, restUs, sigma: sigmaOf(profiles[at], fit.noise) }];
  });
  return fit.draws.map(({ fit: { profiles, slopes }, slope }) =>
    median(
      rows.map(({ split, at, lagFreeTailUs, restUs, sigma }) => {
        const balancedUs =
          at < 0 ? restUs : lagFreeTailUs * Math.exp(logGain(profiles[at]!, { slopes, slope }));
        return shareOf(lagFreeTailUs - balancedUs * Math.exp(sigma * normalDraw(random)), split);
      }),
    ),
  );
}

/** The most that noise moves a run's balanced tail by: a factor of e. */
const mostSigma = 1;

/** Standard deviation of a run's log balanced tail by the noise between its workers; the most of one without a profile. */
function sigmaOf(profile: Profile | undefined, noise: number): number {
  if (profile === undefined) return mostSigma;
  const variance = profile.workers.reduce((sum, { share, variance }) => sum + share ** 2 * variance, 0);
  return Math.min(mostSigma, Math.sqrt(noise * variance));
}
