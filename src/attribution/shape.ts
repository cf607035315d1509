/** How a tail grows with load: the curves that are fitted. */

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

/** A shape and, of a queueing one, the order of the mean that it is. */
export interface Bend {
  readonly shape: Shape;
  readonly order: number;
}

/**
 * How sharply a queueing tail may bend: orders of the power mean of a part that load does not touch and one that queues.
 * Regular arrivals ask for a low order, constant parts of the latency for the arithmetic mean (between 0 and 2), a slow part
 * of its own for a high one: of two slow things the slower hides the other.
 */
export const orders = [-2, 0, 2, 5] as const;

/** The mean of the orders: for a curve that is only looked at. */
export const middleOrder = orders.reduce<number>((sum, order) => sum + order, 0) / orders.length;

/**
 * Log of the tail at a load over the tail at balance, for a slope b.
 *
 * Queueing: at b = 1 the M/M/1 queue, whose sojourn goes as g = (1 − ρ)/(1 − ρx). Under b = 1 the power mean
 * ((1 − b) + b·g^p)^(1/p) of 1 and g; b is the slope at balance whatever the order p. Beyond b = 1, and under 0, the
 * power g^b, which is the mean of order 0.
 */
export function logGrowth(load: Load, { shape, order, slope }: Bend & { readonly slope: number }): number {
  const power = slope * response(load, shape);
  if (shape === "log-linear" || order === 0 || slope <= 0 || slope >= 1) return power;
  return Math.log1p(slope * Math.expm1(order * response(load, shape))) / order;
}
