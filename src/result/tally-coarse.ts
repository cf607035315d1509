/** Adds to a tally what was only counted, above the cap of kept samples. */

import type { Histogram } from "../histogram.ts";
import { bucketTopUs } from "./coarse-samples.ts";
import type { CoarseSamples } from "./coarse-samples.ts";
import type { Tally } from "./tally.ts";

/**
 * The tally of `fine`, whose histograms it takes over, and `coarse` together; `groupOf` and `frameUs` as for `fine`.
 * A frame that does not end with a second is taken to last until that second does.
 */
export function withCoarse(
  fine: Tally,
  coarse: CoarseSamples,
  { groupOf, frameUs }: { groupOf: Uint32Array; frameUs: number },
): Tally {
  for (const part of coarse.groups) {
    const group = fine.groups[groupOf[part.connection] ?? fine.groups.length - 1]!;
    recordAll(group.latency, part.latency);
    recordAll(group.latencyWithoutLag, part.latencyWithoutLag);
    recordAll(group.serviceTime, part.serviceTime);
    group.requests += part.requests;
    group.failures += part.failures;
  }
  recordAll(fine.failureLatency, coarse.failureLatency);
  const outcomes = new Map(fine.outcomes);
  coarse.outcomes.forEach((count, outcome) => {
    if (count > 0) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
  });
  const lateFrom = Math.ceil(frameUs / 1e6);
  return {
    ...fine,
    outcomes,
    censored: addCensored(fine.censored, coarse.censored),
    blockedSumUs: fine.blockedSumUs + recordAll(fine.blocked, coarse.blocked),
    lagSumUs: fine.lagSumUs + recordAll(fine.lag, coarse.lag),
    lastResponseUs: Math.max(fine.lastResponseUs, coarse.lastResponseUs),
    late: {
      all: fine.late.all + sumFrom(coarse.acted.all, lateFrom),
      answered: fine.late.answered + sumFrom(coarse.acted.answered, lateFrom),
    },
  };
}

/** Records a coarse histogram into a fine one; returns the sum of its durations, in microseconds. */
function recordAll(histogram: Histogram, buckets: Uint32Array): number {
  let sumUs = 0;
  buckets.forEach((count, bucket) => {
    if (count === 0) return;
    histogram.record(bucketTopUs(bucket), count);
    sumUs += bucketTopUs(bucket) * count;
  });
  return sumUs;
}

function addCensored(a: Tally["censored"], b: Tally["censored"]): Tally["censored"] {
  if (a.count === 0 || b.count === 0) return a.count === 0 ? b : a;
  return {
    count: a.count + b.count,
    youngestUs: Math.min(a.youngestUs, b.youngestUs),
    oldestUs: Math.max(a.oldestUs, b.oldestUs),
  };
}

function sumFrom(counts: Uint32Array, key: number): number {
  return counts.subarray(key).reduce((sum, count) => sum + count, 0);
}
