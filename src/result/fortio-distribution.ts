/** Fortio's histograms as distributions. Its buckets are wide: what lies within one is not known, and taken to be even. */

import { Histogram } from "../histogram.ts";
import { roundUs, toDistribution } from "./distribution.ts";
import type { FortioHistogram } from "./fortio-file.ts";
import type { Distribution } from "./result.ts";

/** So many places a bucket is spread over at most: more would not be seen in three significant digits. */
const mostPlaces = 1000;

/**
 * Count, mean, maximum and the percentiles that Fortio lists are its own. The others, and the histogram, are interpolated
 * within buckets as it interpolates.
 */
export function fortioDistribution({
  Count,
  Max,
  Avg,
  Data,
  Percentiles = [],
}: FortioHistogram): Distribution {
  const histogram = new Histogram();
  for (const { Start, End, Count: count } of Data ?? []) {
    const places = Math.min(count, mostPlaces);
    let placed = 0;
    for (let place = 1; place <= places; place++) {
      const upTo = Math.round((count * place) / places);
      histogram.record((Start + ((End - Start) * place) / places) * 1e6, upTo - placed);
      placed = upTo;
    }
  }
  const interpolated = toDistribution(
    histogram,
    Percentiles.map(({ Percentile }) => Percentile),
  );
  if (Count === 0) return interpolated;
  return {
    ...interpolated,
    meanUs: roundUs(Avg * 1e6),
    maxUs: roundUs(Max * 1e6),
    percentilesUs: {
      ...interpolated.percentilesUs,
      ...Object.fromEntries(
        Percentiles.map(({ Percentile, Value }) => [String(Percentile), roundUs(Value * 1e6)]),
      ),
    },
  };
}

/** The bucket that a percentile lies in, microseconds: all that is known of it. */
export function bucketOfPercentile(
  { Count, Data }: FortioHistogram,
  percentile: number,
): readonly [fromUs: number, toUs: number] | null {
  let seen = 0;
  for (const { Start, End, Count: count } of Data ?? []) {
    seen += count;
    if (seen >= (Count * percentile) / 100) return [Start * 1e6, End * 1e6];
  }
  return null;
}
