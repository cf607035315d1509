/**
 * What is kept of a request above the cap of samples: counts, in histograms whose size does not depend on the load.
 * Hot path: `bucketOf` runs five times a request there. No logarithm: the leading bits of a 32-bit float already are a
 * logarithmic scale, 64 buckets an octave.
 */

const bucketsPerOctave = 64;
/** From 2⁻⁴ µs (62.5 ns, where `histogram.ts` begins to tell values apart) to 2³² µs (72 min, past where it ends). */
const octaves = 36;
const shift = 23 - Math.log2(bucketsPerOctave);
const lowest = (127 - 4) * bucketsPerOctave;

/** Buckets of a coarse histogram: one for what is too short to tell, then those of the octaves. */
export const bucketCount = 1 + octaves * bucketsPerOctave;

const asFloat = new Float32Array(1);
const asBits = new Uint32Array(asFloat.buffer);

/** The bucket of a duration; what is below 62.5 ns is in the first, what is above 72 min in the last. */
export function bucketOf(us: number): number {
  asFloat[0] = Math.max(0, us);
  return Math.min(bucketCount - 1, Math.max(0, (asBits[0]! >>> shift) - lowest + 1));
}

/**
 * What the durations of a bucket are taken for: its upper end, at most 1/64 (1.6 %) above each of them; 0 for the first.
 * Never below, or a censored age might be read as an answered latency shorter than it.
 */
export function bucketTopUs(bucket: number): number {
  if (bucket === 0) return 0;
  asBits[0] = (bucket + lowest) << shift;
  return asFloat[0]!;
}

/** The smallest duration, to a bucket, with at least that share of all at or below it; 0 where there are none. */
export function quantileOfBuckets(histogram: Uint32Array, quantile: number): number {
  const rank = Math.max(1, Math.ceil(quantile * histogram.reduce((sum, inBucket) => sum + inBucket, 0)));
  let [bucket, seen] = [0, histogram[0]!];
  while (seen < rank && bucket + 1 < histogram.length) seen += histogram[++bucket]!;
  return seen === 0 ? 0 : bucketTopUs(bucket);
}

/** Counts by key: complete responses, and requests that failed (an error status is both). Keys beyond the end have none. */
export interface Counts {
  readonly requests: Uint32Array;
  readonly failures: Uint32Array;
}

/** Requests of connections that share a worker. */
export interface CoarseGroup {
  /** Row of a connection that says which worker it is; `noConnection`: it is not known. */
  readonly connection: number;
  /** Whether that connection made all of them. */
  readonly own: boolean;
  readonly requests: number;
  readonly failures: number;
  /** Coarse histograms, as the `Samples` of these names are tallied. */
  readonly latency: Uint32Array;
  readonly latencyWithoutLag: Uint32Array;
  readonly serviceTime: Uint32Array;
}

/** The requests above the cap. Every count is exact, below 2³²; durations are within 1.6 %, except where an exact one is named. */
export interface CoarseSamples {
  readonly count: number;
  readonly groups: readonly CoarseGroup[];
  /** Coarse histograms of all. */
  readonly blocked: Uint32Array;
  readonly lag: Uint32Array;
  readonly failureLatency: Uint32Array;
  /** By outcome. */
  readonly outcomes: Uint32Array;
  /** By row of the connection, of the first 65536 rows of each thread. */
  readonly connection: Counts;
  /** By second of the intended start. */
  readonly second: Counts;
  /** By second in which they were acted on, as if intended starts were spread evenly over theirs. */
  readonly acted: { readonly all: Uint32Array; readonly answered: Uint32Array };
  /** Exact. */
  readonly censored: { readonly count: number; readonly youngestUs: number; readonly oldestUs: number };
  /** Latest second of an intended start + latency of a response: exact. */
  readonly lastResponseUs: number;
}
