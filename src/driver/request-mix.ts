/**
 * Several kinds of request: which is next, and what became of those of each kind.
 * Hot path: typed arrays, no allocation per request.
 */

import { greatestCommonDivisor } from "../plan/connection-weights.ts";
import { seededRandom } from "../random.ts";
import type { Random } from "../random.ts";
import { bucketCount, bucketOf } from "../result/coarse-samples.ts";
import type { KindTally } from "../result/load.ts";

/** Over so many requests as the weights add up to, each kind is drawn exactly as often as its weight says. */
class Deck {
  readonly #kinds: Uint8Array;
  readonly #random: Random;
  #at = 0;

  constructor(weights: readonly number[], random: Random) {
    const divisor = weights.reduce(greatestCommonDivisor);
    this.#kinds = Uint8Array.from(
      weights.flatMap((weight, kind) => Array<number>(weight / divisor).fill(kind)),
    );
    this.#random = random;
  }

  /** Fisher-Yates, a step a draw: by the end of a cycle every card was dealt once, in random order. */
  draw(): number {
    const kinds = this.#kinds;
    const at = this.#at;
    const other = at + Math.floor(this.#random() * (kinds.length - at));
    const drawn = kinds[other]!;
    kinds[other] = kinds[at]!;
    kinds[at] = drawn;
    this.#at = at + 1 === kinds.length ? 0 : at + 1;
    return drawn;
  }
}

export interface RequestMixOptions {
  readonly weights: readonly number[];
  /** Requests in flight, at most. */
  readonly places: number;
  readonly seed: number;
  readonly thread: number;
}

export class RequestMix {
  /** By request number: the kind of the request in flight there. */
  readonly kind: Uint8Array;
  readonly #load: Deck;
  readonly #warmup: Deck;
  readonly #tallies: { -readonly [Key in keyof KindTally]: KindTally[Key] }[];

  constructor({ weights, places, seed, thread }: RequestMixOptions) {
    this.kind = new Uint8Array(places);
    this.#load = new Deck(weights, seededRandom(seed, `requests-${thread}`));
    // Apart, so that the measured part begins with a whole cycle.
    this.#warmup = new Deck(weights, seededRandom(seed, `warmup-requests-${thread}`));
    this.#tallies = weights.map(() => ({ count: 0, failures: 0, latency: new Uint32Array(bucketCount) }));
  }

  /** Draws the kind of a request that is about to be sent. */
  draw(request: number, isWarmup: boolean): void {
    this.kind[request] = (isWarmup ? this.#warmup : this.#load).draw();
  }

  /** A measured request has ended, after `latencyUs`. */
  record(request: number, latencyUs: number, failed: boolean): void {
    const tally = this.#tallies[this.kind[request]!]!;
    tally.count++;
    if (failed) tally.failures++;
    tally.latency[bucketOf(latencyUs)]!++;
  }

  /** What became of each kind, in the order of the plan. */
  get tallies(): readonly KindTally[] {
    return this.#tallies;
  }
}
