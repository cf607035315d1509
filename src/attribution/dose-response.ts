/**
 * How a worker's tail answers to its load: quantile regression of the log latency of every request on its worker's
 * load, with one intercept a run and the slope shared (R. Koenker, G. Bassett, Econometrica 46, 1978; R. Koenker,
 * J. Multivariate Analysis 91, 2004). A worker with few requests enters by its few tail counts, without a quantile of
 * its own. Why and how: docs/METHOD.md.
 */

import { seededRandom } from "../random.ts";
import type { DoseResponse } from "../result/attribution.ts";
import { samplesNeeded } from "../result/tail-samples.ts";
import { formatShare } from "../units.ts";
import { isSaturated, spreadOf, wasHeldUp } from "./dose.ts";
import type { RunDose } from "./dose.ts";
import { intervalOf } from "../order-statistics.ts";
import { meanOver, pick, weighted } from "./bend.ts";
import type { WeightedFit } from "./bend.ts";
import { atSlope, profileRun, sharedSlope, shiftOf, slopeGrid } from "./profile.ts";
import type { ShapeFit } from "./profile.ts";
import { orders } from "./shape.ts";
import type { Bend } from "./shape.ts";
import { pooledLogQuantile } from "./tail-curve.ts";
import type { TailCurve } from "./tail-curve.ts";

/** A slope that the runs might as well have given, under one of the bends. */
export interface SlopeDraw {
  readonly fit: ShapeFit;
  readonly slope: number;
}

/** What the split needs of the fit; `null` in place of it where the data cannot tell. */
export interface Fit {
  /** The shape, once for each bend that it may have, with how likely the runs make each; they add up to 1. */
  readonly main: readonly WeightedFit[];
  /** The other shape, where both could be fitted. */
  readonly other: ShapeFit | null;
  /** Bends by their weights, with slopes of resampled runs, widened for their number. */
  readonly draws: readonly SlopeDraw[];
  /** Variance of a worker's log tail that no load explains, in the profiles' unit. */
  readonly noise: number;
}

/** Where no run's workers differ by more than this, in equal shares, none tells what load does. */
const leastSpread = 0.1;
/** Under this difference two workers of a run hold the same: exact_balance's odd connection is no contrast. */
const sameLoadWithin = 0.02;
const leastContrasts = 5;
const resamples = 1000;
/** Resamples of fewer runs vary too little: what rests on them only indicates. */
export const leastResampled = 5;

/**
 * Fits the set's runs. `doses` hold the runs whose workers are known, with their busy share (`withBusyShare`); `comparable` says that no worker is slow whatever
 * it holds, so that a difference between workers is one of load.
 */
export function fitDoseResponse(
  doses: readonly RunDose[],
  { tailQuantile, seed, comparable }: { tailQuantile: number; seed: number; comparable: boolean },
): { summary: DoseResponse; fit: Fit | null } {
  const points = doses.flatMap(({ order, workers }) =>
    workers.map(({ id, x, curve }) => ({
      run: order,
      worker: id,
      x,
      tailUs: Math.exp(pooledLogQuantile([{ curve, shift: 0 }], (1 - tailQuantile) * curve.count)),
      requests: curve.count,
    })),
  );
  const contrasts = contrastsOf(doses);
  const reason = comparable
    ? whyNot(doses, { contrasts, tailQuantile })
    : "one worker has the tail whatever it holds, which hides what load does";
  const busy = doses[0]?.busyShare ?? null;
  const nothing = { slope: null, interval: null, busyShareAtBalance: busy, contrasts, points };
  if (reason !== null) return { summary: { shape: "none", reason, ...nothing }, fit: null };

  const logLinear = fitShape(doses, { shape: "log-linear", order: 0, tailQuantile });
  const main =
    busy === null
      ? [{ ...logLinear, weight: 1 }]
      : weighted(orders.map((order) => fitShape(doses, { shape: "queueing", order, tailQuantile })));
  const draws = drawSlopes(main, seed);
  const noise = meanOver(main, (one) => noiseOf(one, tailQuantile));
  const fit = { main, other: busy === null ? null : logLinear, draws, noise };
  const slope = meanOver(main, (one) => one.slope);
  const interval = intervalOf(draws.map((draw) => draw.slope));
  return { summary: { ...nothing, shape: main[0]!.shape, reason: null, slope, interval }, fit };
}

/** Workers beyond the first that kept up, in runs whose workers hold different loads: what the slope rests on. */
function contrastsOf(doses: readonly RunDose[]): number {
  return doses
    .filter((dose) => spreadOf(dose) >= sameLoadWithin && !wasHeldUp(dose))
    .reduce((sum, dose) => {
      const kept = dose.workers.filter((worker) => !isSaturated(worker, dose));
      return sum + Math.max(0, kept.length - 1);
    }, 0);
}

/** Why a run is not judged by the loads of its workers. */
export const heldUp =
  "the target fell behind its schedule without being busy, so that something else held it up";

/** In words, why the runs cannot tell how the tail answers to load; `null` where they can. */
function whyNot(
  doses: readonly RunDose[],
  { contrasts, tailQuantile }: { contrasts: number; tailQuantile: number },
): string | null {
  if (doses.length === 0)
    return `too few requests of any run have a known worker: ${samplesNeeded(tailQuantile)} are needed, and nine tenths of the run's`;
  if (doses.every(({ workerCount }) => workerCount === 1))
    return "there is one worker, so nothing to be unequal";
  if (doses.length === 1) return "there is one run, and its workers may differ by luck";
  if (doses.every(wasHeldUp)) return heldUp;
  if (doses.every((dose) => spreadOf(dose) < leastSpread))
    return `the loads of the workers differ by less than ${formatShare(leastSpread)} in every run`;
  if (doses.every((dose) => dose.workers.every((worker) => isSaturated(worker, dose))))
    return "every worker was saturated in every run: lower the rate";
  if (contrasts < leastContrasts)
    return (
      `two workers of one run held different loads ${contrasts} times, and ${leastContrasts} are needed` +
      (doses.some(wasHeldUp) ? " (runs in which something else held the target up do not count)" : "")
    );
  return null;
}

function fitShape(
  doses: readonly RunDose[],
  { shape, order, tailQuantile }: Bend & { tailQuantile: number },
): ShapeFit {
  const slopes = slopeGrid(doses, shape);
  const profiles = doses
    .map((dose) => profileRun(dose, { shape, order, slopes, tailQuantile }))
    .filter((profile) => profile !== null);
  const once = profiles.map(() => 1);
  return { shape, order, slopes, profiles, slope: sharedSlope(profiles, slopes, once) };
}

/**
 * Slopes of resampled runs (B. Efron, Annals of Statistics 7, 1979), each group of runs among itself so that no
 * resample lacks a mode. With few runs a bootstrap is too narrow: it is widened to Student's t of the runs that carry
 * the slope (T. Hesterberg, The American Statistician 69, 2015, "expanded" intervals).
 */
function drawSlopes(main: readonly WeightedFit[], seed: number): SlopeDraw[] {
  const random = seededRandom(seed, "attribution: slope");
  const { profiles } = main[0]!;
  const groups = Map.groupBy(profiles.keys(), (i) => profiles[i]!.dose.group);
  const widened = main.map((fit) => ({ fit, widening: wideningOf(fit) }));
  const draws: SlopeDraw[] = [];
  for (let draw = 0; draw < resamples; draw++) {
    const times = new Uint16Array(profiles.length);
    for (const members of groups.values())
      for (let i = 0; i < members.length; i++) times[members[Math.floor(random() * members.length)]!]!++;
    const { fit, widening } = widened[pick(main, random)]!;
    draws.push({
      fit,
      slope: fit.slope + widening * (sharedSlope(fit.profiles, fit.slopes, times) - fit.slope),
    });
  }
  return draws;
}

function wideningOf({ profiles, slopes, slope }: ShapeFit): number {
  const step = slopes[1]! - slopes[0]!;
  const weights = profiles.map(({ left }) =>
    Math.max(0, atSlope(left, slopes, slope - 2 * step) - atSlope(left, slopes, slope + 2 * step)),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  const effective = sum === 0 ? 2 : Math.max(2, sum ** 2 / weights.reduce((a, b) => a + b * b, 0));
  return Math.sqrt(effective / (effective - 1)) * (studentT95(effective - 1) / z95);
}

const z95 = 1.6449;

/** Student's t at 0.95, by Cornish and Fisher (Abramowitz and Stegun 26.7.5): within 1 % from 2 degrees on. */
function studentT95(freedom: number): number {
  const n = Math.max(1.5, freedom);
  const z = z95;
  return (
    z +
    (z ** 3 + z) / (4 * n) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * n ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * n ** 3)
  );
}

/**
 * How much of the noise between workers comes out anew under another placement: a long request holds up whoever is behind
 * it wherever it is placed, and a burst stays one. Calibrated on simulated targets, over all of them (docs/METHOD.md §6).
 */
const anew = 0.8;

/**
 * What is left between the workers of a run once their loads are accounted for, and is not each request's own luck;
 * balanced runs tell of it too. A request that is slow by itself is as slow on any worker: rearranging the connections
 * of these runs leaves it in the tail. Only what requests do to each other in a queue comes out anew.
 */
function noiseOf({ shape, order, profiles, slopes, slope }: ShapeFit, tailQuantile: number): number {
  let [squares, ownLuck, freedom] = [0, 0, -1];
  for (const { dose, workers, logTail } of profiles) {
    const own = workers.flatMap((worker) => {
      const { curve, variance } = worker;
      if (curve.count < samplesNeeded(tailQuantile)) return [];
      const tailRequests = (1 - tailQuantile) * curve.count;
      const moved = [{ curve, shift: shiftOf(worker, { dose, shape, order, slope }) }];
      const off = pooledLogQuantile(moved, tailRequests) - atSlope(logTail, slopes, slope);
      return [{ weight: 1 / variance, off, luck: quantileVariance(curve, tailRequests) }];
    });
    if (own.length < 2) continue;
    const weights = own.reduce((sum, { weight }) => sum + weight, 0);
    const mean = own.reduce((sum, { weight, off }) => sum + weight * off, 0) / weights;
    for (const { weight, off, luck } of own) {
      squares += weight * (off - mean) ** 2;
      ownLuck += weight * luck * (1 - weight / weights);
    }
    freedom += own.length - 1;
  }
  return freedom < 1 ? 0 : (anew * Math.max(0, squares - ownLuck)) / freedom;
}

/**
 * Variance of the log latency that `tailRequests` exceed, were each request slow or not for itself: 1 ÷ their number,
 * times the square of how far the quantile moves with the log of that number, here from twice as many to half.
 */
function quantileVariance(curve: TailCurve, tailRequests: number): number {
  const at = (requests: number): number => pooledLogQuantile([{ curve, shift: 0 }], requests);
  return ((at(tailRequests / 2) - at(2 * tailRequests)) / (2 * Math.LN2)) ** 2 / tailRequests;
}
