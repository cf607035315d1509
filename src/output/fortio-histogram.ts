/** A distribution as Fortio writes its histograms: seconds, occupied buckets with their share up to their end. */

import type { Histogram } from "../histogram.ts";
import { histogramOf } from "../result/distribution.ts";
import type { Distribution } from "../result/result.ts";

export interface FortioHistogram {
  readonly Count: number;
  readonly Min: number;
  readonly Max: number;
  readonly Sum: number;
  readonly Avg: number;
  readonly StdDev: number;
  readonly Data: readonly FortioBucket[] | null;
  readonly Percentiles?: readonly { readonly Percentile: number; readonly Value: number }[];
}

interface FortioBucket {
  readonly Start: number;
  readonly End: number;
  /** Cumulative, in per cent. */
  readonly Percent: number;
  readonly Count: number;
}

/** Ours has up to 2000 buckets an octave, more than Fortio's pages can draw; so many are about as fine as its own. */
const bucketsPerOctave = 16;

export function fortioHistogram(distribution: Distribution): FortioHistogram {
  const { count, meanUs, maxUs, percentilesUs } = distribution;
  if (count === 0) return { Count: 0, Min: 0, Max: 0, Sum: 0, Avg: 0, StdDev: 0, Data: null };
  const histogram = histogramOf(distribution);
  return {
    Count: count,
    Min: histogram.minUs / 1e6,
    Max: maxUs / 1e6,
    Sum: (meanUs * count) / 1e6,
    Avg: meanUs / 1e6,
    StdDev: histogram.stdDevUs / 1e6,
    Data: bucketsOf(histogram, distribution),
    Percentiles: Object.entries(percentilesUs)
      .map(([percentile, us]) => ({ Percentile: Number(percentile), Value: us / 1e6 }))
      .sort((a, b) => a.Percentile - b.Percentile),
  };
}

/** Neighbours of ours together, so that each count stays exact. */
function bucketsOf(histogram: Histogram, { count, maxUs }: Distribution): FortioBucket[] {
  const joined: { fromUs: number; upToUs: number; count: number }[] = [];
  let octavePart = NaN;
  for (const bucket of histogram.buckets()) {
    const part = Math.floor(Math.log2(bucket.upToUs) * bucketsPerOctave);
    const last = joined.at(-1);
    if (part === octavePart && last !== undefined) {
      last.upToUs = bucket.upToUs;
      last.count += bucket.count;
    } else joined.push({ ...bucket });
    octavePart = part;
  }
  let seen = 0;
  return joined.map((bucket, i) => {
    seen += bucket.count;
    return {
      // As Fortio: from the smallest value to the largest.
      Start: (i === 0 ? histogram.minUs : bucket.fromUs) / 1e6,
      End: (i === joined.length - 1 ? maxUs : bucket.upToUs) / 1e6,
      Percent: (seen / count) * 100,
      Count: bucket.count,
    };
  });
}
