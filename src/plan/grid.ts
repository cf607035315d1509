/** The even scale of request numbers, dealt to connections. Hot path: `next` allocates nothing. */

import type { RateCurve } from "./rate-curve.ts";

export interface GridSpec {
  /** Connections of all threads. */
  readonly connections: number;
  /** Position in the cycle of each connection of this thread, by local slot. */
  readonly positions: readonly number[];
  /** Requests of all threads together, `Infinity` for no limit. */
  readonly limit: number;
  readonly warmupUs: number;
  readonly uniform: boolean;
}

/**
 * A cursor over the request numbers of one thread, ascending. Each cycle gives every connection that takes part one
 * request, each thread those of its own positions; how many take part is asked anew at each cycle, and a jump of it
 * begins one. Numbers below 0 are warm-up.
 */
export class Grid {
  /** The number whose time is the next start's, `Infinity` when there is none. */
  number = Infinity;
  /** The local slot that it belongs to. */
  slot = 0;
  /** Connections that take part. */
  size = 0;
  readonly #curve: RateCurve;
  readonly #order: Int32Array;
  readonly #positions: Int32Array;
  readonly #uniform: boolean;
  readonly #limit: number;
  readonly #first: number;
  #base = 0;
  #jump = Infinity;
  #next = 0;

  constructor(curve: RateCurve, { positions, limit, warmupUs, uniform }: GridSpec) {
    const slots = positions.map((_, slot) => slot).sort((a, b) => positions[a]! - positions[b]!);
    this.#curve = curve;
    this.#order = Int32Array.from(slots);
    this.#positions = Int32Array.from(slots, (slot) => positions[slot]!);
    this.#uniform = uniform;
    this.#limit = limit;
    this.#first = warmupUs === 0 ? 0 : 0 - Math.ceil(warmupUs / -curve.timeOf(-1));
    this.#begin(this.#first);
    // Whole cycles before 0, so that each connection keeps its position in the load.
    this.#begin(Math.floor(this.#first / this.size) * this.size);
    this.next();
  }

  next(): void {
    for (;;) {
      const position = this.#next < this.#positions.length ? this.#positions[this.#next]! : Infinity;
      const index = this.#base + position;
      if (position >= this.size || index >= this.#jump) {
        this.#begin(Math.min(this.#base + this.size, this.#jump));
        if (this.#base >= this.#limit || this.#base >= this.#curve.total) break;
        continue;
      }
      const number = this.#uniform ? index : this.#base;
      if (index >= this.#limit || number >= this.#curve.total) break;
      this.number = number;
      this.slot = this.#order[this.#next]!;
      this.#next++;
      if (index >= this.#first) return;
    }
    this.number = Infinity;
  }

  #begin(base: number): void {
    this.#base = base;
    this.#next = 0;
    this.size = this.#curve.connectionsAt(this.#curve.timeOf(base));
    // Connections that start together all belong to the moment in which their cycle begins.
    this.#jump = this.#uniform ? this.#curve.nextJump(base) : Infinity;
  }
}
