/** One run seen at every slope: does its tail still follow the load, and where would its tail be at balance? */

import type { RunDose, WorkerDose } from "./dose.ts";
import { beyondLog, pooledLogQuantile } from "./tail-curve.ts";

export type Shape = "queueing" | "log-linear";

/** A worker cannot be busier than this in the formula: at 1 its queue would be without end. */
const mostBusy = 0.98;

/**
 * The dose as the shape sees it, so that log latency = intercept + slope × response: −log(1 − ρx), the sojourn in a
 * single-server queue (exponential: M/M/1; heavy traffic: Pollaczek and Khinchine), or x itself.
 */
export function response(x: number, { shape, busyShare }: { shape: Shape; busyShare: number }): number {
  return shape === "queueing" ? -Math.log1p(-Math.min(mostBusy, busyShare * x)) : x;
}

/** Rows go with the slopes of the grid. */
export interface Profile {
  readonly dose: RunDose;
  /** Log latency by which each worker's latencies move to balance, per unit of slope. */
  readonly perSlope: readonly number[];
  /** Covariance of response and tail risk that is left after rescaling: the estimating function. */
  readonly left: Float64Array;
  /** Log of the run's tail after rescaling over its tail as it was. */
  readonly logRatio: Float64Array;
  /** Log µs of the rescaled run's tail. */
  readonly logTail: Float64Array;
}

/** Profiles a run over `slopes` (ascending, equally spaced). */
export function profileRun(
  dose: RunDose,
  { shape, slopes, tailQuantile }: { shape: Shape; slopes: Float64Array; tailQuantile: number },
): Profile {
  const terms = { shape, busyShare: dose.busyShare ?? 0 };
  const perSlope = dose.workers.map(({ x }) => response(x, terms) - response(1, terms));
  const left = new Float64Array(slopes.length);
  const logRatio = new Float64Array(slopes.length);
  const logTail = new Float64Array(slopes.length);
  const tailRequests = (1 - tailQuantile) * dose.requests;
  const measured = rescaled(dose.workers, { perSlope, slope: 0, tailRequests });
  for (const [i, slope] of slopes.entries()) {
    logTail[i] = rescaled(dose.workers, { perSlope, slope, tailRequests });
    logRatio[i] = logTail[i]! - measured;
    for (const [w, { curve, share }] of dose.workers.entries()) {
      const tailShare = beyondLog(curve, logTail[i]! + slope * perSlope[w]!) / tailRequests;
      left[i]! += perSlope[w]! * (tailShare - share);
    }
  }
  return { dose, perSlope, left, logRatio, logTail };
}

function rescaled(
  workers: readonly WorkerDose[],
  { perSlope, slope, tailRequests }: { perSlope: readonly number[]; slope: number; tailRequests: number },
): number {
  return pooledLogQuantile(
    workers.map(({ curve }, w) => ({ curve, shift: slope * perSlope[w]! })),
    tailRequests,
  );
}

/** A row of a profile at a slope between those of the grid. */
export function atSlope(row: Float64Array, slopes: Float64Array, slope: number): number {
  const step = slopes[1]! - slopes[0]!;
  const at = Math.min(slopes.length - 1, Math.max(0, (slope - slopes[0]!) / step));
  const below = Math.min(slopes.length - 2, Math.floor(at));
  return row[below]! + (at - below) * (row[below + 1]! - row[below]!);
}

/** Effects of the whole range of loads that the grid reaches: e^−3 … e^6 times. */
const effects = { least: -3, most: 6, steps: 181 } as const;

/** Slopes that are worth trying for these runs. */
export function slopeGrid(doses: readonly RunDose[], shape: Shape): Float64Array {
  let reach = 0;
  for (const { workers, busyShare } of doses)
    for (const { x } of workers) {
      const terms = { shape, busyShare: busyShare ?? 0 };
      reach = Math.max(reach, Math.abs(response(x, terms) - response(1, terms)));
    }
  const { least, most, steps } = effects;
  const scale = reach === 0 ? 1 : 1 / reach;
  return Float64Array.from({ length: steps }, (_, i) => scale * (least + ((most - least) * i) / (steps - 1)));
}

/**
 * The slope shared by the runs at which the tail no longer follows the load: the zero of the summed estimating
 * functions, which fall as the slope rises. `times[i]` counts run i, as a resample draws it.
 */
export function sharedSlope(
  profiles: readonly Profile[],
  slopes: Float64Array,
  times: ArrayLike<number>,
): number {
  const left = (i: number): number => {
    let sum = 0;
    for (let run = 0; run < profiles.length; run++) sum += times[run]! * profiles[run]!.left[i]!;
    return sum;
  };
  let [low, high] = [0, slopes.length - 1];
  if (left(low) <= 0) return slopes[low]!;
  if (left(high) >= 0) return slopes[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (left(middle) > 0) low = middle;
    else high = middle;
  }
  const [above, below] = [left(low), left(high)];
  return slopes[low]! + ((slopes[high]! - slopes[low]!) * above) / (above - below);
}
