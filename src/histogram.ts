/** Latency histograms: HdrHistogram, 3 significant digits, 64 ns … 1 h. The only importer of hdr-histogram-js. */

import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from "hdr-histogram-js";
import type { JsHistogram as Hdr } from "hdr-histogram-js";

const highestTrackableNs = 3600e9;

/** Durations in, quantiles out, microseconds at the border; recorded as nanoseconds. */
export class Histogram {
  readonly #hdr: Hdr;
  #sumUs = 0;
  /** The library knows it to a bucket, one further up at every addition. */
  #maxNs: number;

  constructor(hdr: Hdr = emptyHdr()) {
    this.#hdr = hdr;
    this.#sumUs = sumNs(hdr) / 1e3;
    this.#maxNs = hdr.maxValue;
  }

  /** Reads HdrHistogram V2 compressed base64 whose unit is the nanosecond. Throws on anything else. */
  static decode(base64: string): Histogram {
    return new Histogram(decodeFromCompressedBase64(base64, 32, false) as Hdr);
  }

  /** Records a duration, `count` times. */
  record(us: number, count = 1): void {
    const ns = toNs(us);
    this.#hdr.recordValueWithCount(ns, count);
    this.#sumUs += us * count;
    if (ns > this.#maxNs) this.#maxNs = ns;
  }

  add(other: Histogram): void {
    this.#hdr.add(other.#hdr);
    this.#sumUs += other.#sumUs;
    this.#maxNs = Math.max(this.#maxNs, other.#maxNs);
  }

  get count(): number {
    return this.#hdr.totalCount;
  }

  get meanUs(): number {
    return this.count === 0 ? 0 : this.#sumUs / this.count;
  }

  /** Standard deviation (population), of the middles of the buckets. */
  get stdDevUs(): number {
    return this.count === 0 ? 0 : this.#hdr.stdDeviation / 1e3;
  }

  get minUs(): number {
    return this.count === 0 ? 0 : this.#hdr.minNonZeroValue / 1e3;
  }

  get maxUs(): number {
    return this.#maxNs / 1e3;
  }

  /** The smallest recorded value with at least `quantile` (0…1) of all at or below it; 0 where empty. */
  quantileUs(quantile: number): number {
    return this.count === 0 ? 0 : this.#hdr.getValueAtPercentile(quantile * 100) / 1e3;
  }

  /** How many recorded values lie above `us`, to the histogram's precision (its own bucket counts as not above). */
  countAbove(us: number): number {
    const hdr = this.#hdr;
    let above = 0;
    for (let i = hdr.countsArrayIndex(toNs(us)) + 1; i < hdr.countsArrayLength; i++)
      above += hdr.getCountAtIndex(i);
    return above;
  }

  /** The occupied buckets, ascending: the lowest and the highest value of each and how many fell into it. */
  *buckets(): Generator<{ fromUs: number; upToUs: number; count: number }> {
    const hdr = this.#hdr;
    // Most of the range, up to an hour, is empty above the largest value.
    for (let i = 0, left = hdr.totalCount; left > 0; i++) {
      const count = hdr.getCountAtIndex(i);
      if (count === 0) continue;
      left -= count;
      const from = hdr.valueFromIndex(i);
      yield { fromUs: from / 1e3, upToUs: hdr.highestEquivalentValue(from) / 1e3, count };
    }
  }

  /** HdrHistogram's percentile distribution, in milliseconds: what its plotters read from an .hgrm file. */
  percentileText(): string {
    return this.#hdr.outputPercentileDistribution(5, 1e6, false);
  }

  /** HdrHistogram V2, compressed, base64, in nanoseconds. */
  encode(): string {
    return encodeIntoCompressedBase64(this.#hdr);
  }
}

function toNs(us: number): number {
  return Math.min(highestTrackableNs, Math.max(0, Math.round(us * 1e3)));
}

/** What `hdr.mean` adds up, without an iterator's object for each bucket: reading a result decodes hundreds of histograms. */
function sumNs(hdr: Hdr): number {
  let sum = 0;
  if (hdr.totalCount === 0) return sum;
  for (let i = 0, left = hdr.totalCount; left > 0; i++) {
    const count = hdr.getCountAtIndex(i);
    if (count === 0) continue;
    sum += count * hdr.medianEquivalentValue(hdr.valueFromIndex(i));
    left -= count;
  }
  return sum;
}

function emptyHdr(): Hdr {
  return build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 64,
    highestTrackableValue: highestTrackableNs,
    numberOfSignificantValueDigits: 3,
    autoResize: false,
  }) as Hdr;
}
