/** Figures of a distribution: from a histogram for the result, exact from sorted values for small groups. */

import { Histogram } from "../histogram.ts";
import type { Distribution } from "./result.ts";

/** Percentiles that every distribution lists, in per cent. */
const standingPercentiles = [50, 75, 90, 99, 99.9] as const;

/** Sums up a histogram, with the standing percentiles and `percentiles` (both in per cent, 0…100). */
export function toDistribution(histogram: Histogram, percentiles: readonly number[]): Distribution {
  const asked = [...new Set([...standingPercentiles, ...percentiles])].sort((a, b) => a - b);
  return {
    histogram: histogram.count === 0 ? "" : histogram.encode(),
    count: histogram.count,
    meanUs: roundUs(histogram.meanUs),
    maxUs: histogram.maxUs,
    percentilesUs: Object.fromEntries(
      asked.map((percentile) => [String(percentile), quantileUs(histogram, percentile / 100)]),
    ),
  };
}

/**
 * A quantile (0…1) in microseconds, never above the maximum: a histogram answers with the upper edge of a bucket,
 * which may lie beyond the largest value.
 */
export function quantileUs(histogram: Histogram, quantile: number): number {
  return Math.min(histogram.quantileUs(quantile), histogram.maxUs);
}

/** The histogram of a distribution, to ask for quantiles that it does not list. */
export function histogramOf({ histogram }: Distribution): Histogram {
  return histogram === "" ? new Histogram() : Histogram.decode(histogram);
}

/** Microseconds to three decimals, the nanosecond: more digits are noise and make files larger. */
export function roundUs(us: number): number {
  return Math.round(us * 1e3) / 1e3;
}

/**
 * Exact quantiles (nearest rank) of `values`, 0 and above, grouped by `keys`: row `g` holds those of key `g`, zeros where it has none.
 * Keys of `groups` and above are left out.
 */
export function groupedQuantiles(
  { values, keys, count }: { values: Float32Array; keys: Uint32Array; count: number },
  groups: number,
  quantiles: readonly number[],
): Float64Array[] {
  const ends = new Uint32Array(groups + 1);
  for (let i = 0; i < count; i++) if (keys[i]! < groups) ends[keys[i]! + 1]!++;
  for (let group = 0; group < groups; group++) ends[group + 1]! += ends[group]!;
  const starts = ends.slice();
  const byGroup = new Float32Array(ends[groups]!);
  for (let i = 0; i < count; i++) if (keys[i]! < groups) byGroup[ends[keys[i]!]!++] = values[i]!;

  // Floats that are not negative sort as their bits do (IEEE 754), and integers sort three times as fast.
  const bits = new Uint32Array(byGroup.buffer);
  return Array.from({ length: groups }, (_, group) => {
    bits.subarray(starts[group], starts[group + 1]).sort();
    const sorted = byGroup.subarray(starts[group], starts[group + 1]);
    return Float64Array.from(quantiles, (quantile) => roundUs(nearestRank(sorted, quantile)));
  });
}

function nearestRank(sorted: Float32Array, quantile: number): number {
  // 1e-9: 0.99 × 100 must not become the 100th by a rounding error.
  const rank = Math.max(1, Math.ceil(quantile * sorted.length - 1e-9));
  return sorted[rank - 1] ?? 0;
}
