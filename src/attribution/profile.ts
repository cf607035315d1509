/** One run seen at every slope: does its tail still follow the load, and where would its tail be at balance? */

import { isSaturated, wasHeldUp } from "./dose.ts";
import type { RunDose, WorkerDose } from "./dose.ts";
import { logGrowth, response, varianceAt } from "./shape.ts";
import type { Bend, Shape } from "./shape.ts";
import { beyondLog, leastPooled, pooledLogQuantile } from "./tail-curve.ts";

/** One run over a grid of slopes. Rows go with the slopes. */
export interface Profile {
  readonly dose: RunDose;
  /** The workers that kept up; their shares add up to 1. */
  readonly workers: readonly ProfiledWorker[];
  /** Requests beyond the quantile among all of theirs. */
  readonly tailRequests: number;
  /** Covariance of response and tail risk that is left after rescaling: the estimating function. */
  readonly left: Float64Array;
  /** The same of the response's square: what a wrong bend leaves. */
  readonly leftOfSquare: Float64Array;
  /** Log µs of the tail of the rescaled run. */
  readonly logTail: Float64Array;
  /** Log µs of the tail of the run as it was, saturated workers and all. */
  readonly logMeasured: number;
}

/** One bend fitted to all runs. */
export interface ShapeFit extends Bend {
  readonly slope: number;
  readonly slopes: Float64Array;
  /** Of the runs with a worker that kept up. */
  readonly profiles: readonly Profile[];
}

interface ProfiledWorker extends Pick<WorkerDose, "id" | "x" | "share" | "curve"> {
  /** Its load as the shape sees it, 0 at balance. */
  readonly response: number;
  /** Variance of its log tail, in units of a worker's at no load. */
  readonly variance: number;
}

/** Profiles a run over `slopes` (ascending, equally spaced); `null` where too little of it kept up. */
export function profileRun(
  dose: RunDose,
  { shape, order, slopes, tailQuantile }: Bend & { slopes: Float64Array; tailQuantile: number },
): Profile | null {
  const workers = wasHeldUp(dose) ? [] : keepingUp(dose, shape);
  const requests = workers.reduce((sum, { curve }) => sum + curve.count, 0);
  const tailRequests = (1 - tailQuantile) * requests;
  if (tailRequests < leastPooled) return null;
  const left = new Float64Array(slopes.length);
  const leftOfSquare = new Float64Array(slopes.length);
  const logTail = new Float64Array(slopes.length);
  for (const [i, slope] of slopes.entries()) {
    const moved = workers.map((worker) => ({
      ...worker,
      shift: shiftOf(worker, { dose, shape, order, slope }),
    }));
    logTail[i] = pooledLogQuantile(moved, tailRequests);
    for (const { curve, shift, response, share } of moved) {
      const excess = beyondLog(curve, logTail[i]! + shift) / tailRequests - share;
      left[i]! += response * excess;
      leftOfSquare[i]! += response ** 2 * excess;
    }
  }
  const logMeasured = pooledLogQuantile(
    dose.workers.map(({ curve }) => ({ curve, shift: 0 })),
    (1 - tailQuantile) * dose.requests,
  );
  return { dose, workers, tailRequests, left, leftOfSquare, logTail, logMeasured };
}

/** Log latency by which a worker's latencies move down to be those of balance; negative: up. */
export function shiftOf(
  { x }: Pick<WorkerDose, "x">,
  { dose, ...growth }: Bend & { dose: RunDose; slope: number },
): number {
  return logGrowth({ x, busyShare: dose.busyShare ?? 0 }, growth);
}

function keepingUp(dose: RunDose, shape: Shape): ProfiledWorker[] {
  const busyShare = dose.busyShare ?? 0;
  const kept = dose.workers.filter((worker) => !isSaturated(worker, dose));
  const whole = kept.reduce((sum, { share }) => sum + share, 0);
  return kept.map(({ id, x, share, curve }) => ({
    id,
    x,
    curve,
    share: share / whole,
    response: response({ x, busyShare }, shape),
    variance: varianceAt({ x, busyShare }),
  }));
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
  for (const dose of doses)
    for (const { response } of keepingUp(dose, shape)) reach = Math.max(reach, Math.abs(response));
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
