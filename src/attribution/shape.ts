/** How a tail grows with load: the two curves that are fitted. */

export type Shape = "queueing" | "log-linear";

/** At 1 the queue would be without end; workers that come near are left out of the fit. */
const mostBusy = 0.98;

/** A worker's load, and how busy a worker at an equal share is. */
export interface Load {
  readonly x: number;
  readonly busyShare: number;
}

/** The load as the shape sees it, from balance on: −log((1 − ρx)/(1 − ρ)), or x − 1. What a slope multiplies. */
export function response({ x, busyShare }: Load, shape: Shape): number {
  if (shape === "log-linear") return x - 1;
  return Math.log1p(-Math.min(mostBusy, busyShare)) - Math.log1p(-Math.min(mostBusy, busyShare * x));
}

/**
 * Variance of a log tail quantile, in units of a worker's at no load: half the requests, half the evidence; and a busy queue
 * forgets slowly, so that its samples repeat each other: relative variance goes as 1/(1 − ρx)² (W. Whitt, Management
 * Science 35, 1989).
 */
export function varianceAt({ x, busyShare }: Load): number {
  return 1 / (x * (1 - busyShare * x) ** 2);
}

/**
 * Log of the tail at a load over the tail at balance, for a slope b.
 *
 * Queueing: at b = 1 the M/M/1 queue, whose sojourn goes as 1/(1 − ρx). Under b = 1 the geometric mean of its two natural
 * weakenings, the power (1 − ρx)^−b and the sum of a part 1 − bρ that load does not touch and a part that queues
 * (Pollaczek and Khinchine): the first overstates balance where latency has constant parts, the second understates it
 * where arrivals are regular. Beyond b = 1, and under 0, the power alone.
 */
export function logGrowth(load: Load, { shape, slope }: { shape: Shape; slope: number }): number {
  const power = slope * response(load, shape);
  if (shape === "log-linear" || slope <= 0 || slope >= 1) return power;
  const queueing = slope * Math.min(mostBusy, load.busyShare);
  const sum = Math.log(1 - queueing + queueing * load.x * Math.exp(response(load, shape)));
  return (power + sum) / 2;
}
