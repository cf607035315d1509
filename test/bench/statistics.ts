/** The little arithmetic that the tables need. */

/** The value of rank ⌈q·n⌉, as every percentile here. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Starts from another entrant every round, so that none always runs first, or always after the same one. */
export function rotate<T>(values: readonly T[], by: number): T[] {
  const start = by % Math.max(1, values.length);
  return [...values.slice(start), ...values.slice(0, start)];
}

/**
 * Distances of arrivals from an even grid, in the unit of the arrivals. The k-th arrival belongs to the k-th point of the
 * grid that fits best: its spacing by least squares, for a rate that is a little off is not unevenness, and its
 * place where the median distance is least.
 */
export function gridDistances(arrivals: readonly number[]): number[] {
  const sorted = arrivals.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const mean = sorted.reduce((sum, arrival) => sum + arrival / sorted.length, 0);
  let covariance = 0;
  let variance = 0;
  for (const [k, arrival] of sorted.entries()) {
    covariance += (k - middle) * (arrival - mean);
    variance += (k - middle) ** 2;
  }
  const offsets = sorted.map((arrival, k) => arrival - (k * covariance) / variance);
  const best = median(offsets);
  return offsets.map((offset) => Math.abs(offset - best));
}

/** Exact p99 of latency at `qps` for `seconds` where the server stalls for `stallS`: the truth of a stall test, in µs. */
export function stalledP99Us(load: { qps: number; seconds: number; stallS: number }): number {
  const starts = Math.round(load.qps * load.seconds);
  const latencies = Array.from({ length: starts }, (_, i) =>
    Math.max(0, load.stallS * 1e6 - (i * 1e6) / load.qps),
  );
  return quantile(latencies, 0.99);
}
