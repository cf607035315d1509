/** The tail in three parts that add up: what the driver was late by, what the skew costs, and the rest. */

import type { Random } from "../random.ts";
import { histogramOf, quantileUs } from "../result/distribution.ts";
import type { Run } from "../result/result.ts";
import type { Fit, ShapeFit } from "./dose-response.ts";
import { intervalOf, median, rangeOf } from "./order-statistics.ts";
import { atSlope } from "./profile.ts";
import { normalDraw } from "./normal-draw.ts";

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

/** Splits a run's tail. Without a fit, or for a run that it does not hold, only the lag is known. */
export function splitRun(
  run: Run,
  { fit, tailQuantile }: { fit: Fit | null; tailQuantile: number },
): RunSplit {
  const tailUs = quantileUs(histogramOf(run.latency), tailQuantile);
  const lagFreeTailUs = quantileUs(histogramOf(run.latencyWithoutLag), tailQuantile);
  const restUs = fit === null ? null : balancedTailUs(run, { lagFreeTailUs, shape: fit.main });
  const other = fit?.other ?? null;
  return {
    tailUs,
    lagFreeTailUs,
    lagUs: tailUs - lagFreeTailUs,
    skewUs: restUs === null ? null : lagFreeTailUs - restUs,
    restUs,
    skewShare: restUs === null || tailUs === 0 ? null : (lagFreeTailUs - restUs) / tailUs,
    otherRestUs: other === null ? null : balancedTailUs(run, { lagFreeTailUs, shape: other }),
  };
}

/**
 * The run's tail had every worker held an equal share: its lag-free tail times what rescaling each worker's latencies to
 * balance does to the quantile of their mixture. A run without any skew keeps its tail to the microsecond.
 */
function balancedTailUs(
  run: Run,
  { lagFreeTailUs, shape }: { lagFreeTailUs: number; shape: ShapeFit },
): number | null {
  const profile = shape.profiles.find(({ dose }) => dose.order === run.order);
  if (profile === undefined) return null;
  return lagFreeTailUs * Math.exp(atSlope(profile.logRatio, shape.slopes, shape.slope));
}

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
 * median tail, and the rest is what remains, so that they add up. The interval says how sure the median share of *these*
 * runs is: each draw takes a slope of resampled runs and moves each run's balanced tail by the noise between workers.
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
  if (fit === null || shares.length === 0)
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
  const { profiles, slopes } = fit.main;
  const rows = members.flatMap(({ run, split }) => {
    const profile = profiles.find(({ dose }) => dose.order === run.order);
    return profile === undefined ? [] : [{ split, profile }];
  });
  return fit.slopeDraws.map((slope) =>
    median(
      rows.map(({ split, profile }) => {
        const noise = (fit.noise / Math.sqrt(profile.dose.workerCount)) * normalDraw(random);
        const restUs = split.lagFreeTailUs * Math.exp(atSlope(profile.logRatio, slopes, slope) + noise);
        return shareOf(split.lagFreeTailUs - restUs, split);
      }),
    ),
  );
}
