/** How many requests of a worker lie beyond any latency, on a log scale: what the fit rescales. */

import { histogramOf } from "../result/distribution.ts";
import type { Distribution } from "../result/result.ts";

/** Ascending log latencies (of µs) and how many requests lie beyond each. */
export interface TailCurve {
  readonly count: number;
  readonly logUs: Float64Array;
  readonly beyond: Float64Array;
}

// An experiment attributes its runs again after each of them; a distribution never changes, so its curve is kept.
const curves = new WeakMap<Distribution, TailCurve>();

/** The curve of a distribution. Latencies under the histogram's 64 ns count as 64 ns. */
export function tailCurve(distribution: Distribution): TailCurve {
  const known = curves.get(distribution);
  if (known !== undefined) return known;
  const histogram = histogramOf(distribution);
  const buckets = [...histogram.buckets()];
  const logUs = new Float64Array(buckets.length);
  const beyond = new Float64Array(buckets.length);
  let left = histogram.count;
  for (const [i, { upToUs, count }] of buckets.entries()) {
    left -= count;
    logUs[i] = Math.log(Math.max(upToUs, 0.064));
    beyond[i] = left;
  }
  const curve = { count: histogram.count, logUs, beyond };
  curves.set(distribution, curve);
  return curve;
}

/** Fewer requests beyond a quantile say nothing of it, not even where many runs are taken together. */
export const leastPooled = 2;

/** A bucket of the histogram is at most this wide, as a log. */
const bucketWidth = 0.002;

/** Requests slower than `us` by whole buckets: those in its own bucket are not. */
export function countBeyond({ count, logUs, beyond }: TailCurve, us: number): number {
  const at = Math.log(Math.max(us, 0.064)) - 1e-12;
  const bucket = logUs.findIndex((edge) => edge >= at);
  if (bucket < 0) return 0;
  const within = logUs[bucket]! - at < bucketWidth;
  return (within ? beyond[bucket] : beyond[bucket - 1]) ?? count;
}

/**
 * Requests beyond exp(`at`) µs, linear between the buckets so that it moves smoothly under rescaling. At a bucket, half
 * of its own requests lie beyond (A. Hazen's plotting position, Transactions of the ASCE 77, 1914): in the gap between two
 * lone requests the line is then right in the mean. From count to count it would lose half a request of each worker, which
 * is much of the tail of one that has few.
 */
export function beyondLog({ count, logUs, beyond }: TailCurve, at: number): number {
  const last = logUs.length - 1;
  if (last < 0 || at >= logUs[last]!) return 0;
  if (at < logUs[0]!) return count;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (logUs[middle]! <= at) low = middle;
    else high = middle;
  }
  const part = (at - logUs[low]!) / (logUs[high]! - logUs[low]!);
  const from = (beyond[low - 1] ?? count) + beyond[low]!;
  const to = beyond[low]! + beyond[high]!;
  return (from + part * (to - from)) / 2;
}

/**
 * The log latency beyond which `count` requests of several curves lie, when each curve is first moved down by its
 * shift: the quantile of the mixture after every worker's latencies are divided by exp(shift).
 */
export function pooledLogQuantile(
  curves: readonly { readonly curve: TailCurve; readonly shift: number }[],
  count: number,
): number {
  let [low, high] = boundsOf(curves);
  for (let i = 0; i < 40 && high - low > 1e-6; i++) {
    const middle = (low + high) / 2;
    let beyond = 0;
    for (const { curve, shift } of curves) beyond += beyondLog(curve, middle + shift);
    if (beyond > count) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function boundsOf(
  curves: readonly { readonly curve: TailCurve; readonly shift: number }[],
): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const { curve, shift } of curves) {
    if (curve.count === 0) continue;
    low = Math.min(low, curve.logUs[0]! - shift);
    high = Math.max(high, curve.logUs.at(-1)! - shift);
  }
  return [low, high];
}
