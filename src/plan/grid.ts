/** The even scale of request numbers, dealt to connections. Hot path: `next` allocates nothing. */

import type { RateCurve } from "./rate-curve.ts";

export interface GridSpec {
  /** Positions of a whole cycle; of stages, the most. */
  readonly cycle: number;
  /** Positions in the cycle of each connection of this thread, ascending, by local slot. */
  readonly positions: readonly (readonly number[])[];
  /** Requests of all threads together, `Infinity` for no limit. */
  readonly limit: number;
  readonly warmupUs: number;
  readonly uniform: boolean;
}

/**
 * A cursor over the request numbers of one thread, ascending. Each cycle gives every connection that takes part a
 * request for each of its positions; how many positions it has is asked anew at each cycle, and a jump of them begins
 * one. Numbers below 0 are warm-up.
 */
export class Grid {
  /** The number whose time is the next start's, `Infinity` when there is none. */
  number = Infinity;
  /** The local slot that it belongs to. */
  slot = 0;
  /** Positions of this cycle. */
  size = 0;
  readonly #curve: RateCurve;
  readonly #order: Int32Array;
  readonly #positions: Int32Array;
  /** Requests after the beginning of the cycle at which each position is due. */
  readonly #offsets: Float64Array;
  readonly #uniform: boolean;
  readonly #limit: number;
  readonly #first: number;
  #base = 0;
  #jump = Infinity;
  #next = 0;

  constructor(curve: RateCurve, { cycle, positions, limit, warmupUs, uniform }: GridSpec) {
    const slotAt = slotsByPosition({ cycle, positions });
    this.#curve = curve;
    this.#positions = Int32Array.from(positions.flat()).sort();
    this.#order = this.#positions.map((position) => slotAt[position]!);
    this.#offsets = Float64Array.from(this.#positions, (position, i) => {
      if (uniform) return position;
      const own = positions[this.#order[i]!]!;
      return (own.indexOf(position) * cycle) / own.length;
    });
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
      const number = this.#base + this.#offsets[this.#next]!;
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

/** The local slot of each position of the cycle, −1 where it is another thread's. */
export function slotsByPosition({ cycle, positions }: Pick<GridSpec, "cycle" | "positions">): Int32Array {
  const slotAt = new Int32Array(cycle).fill(-1);
  for (const [slot, own] of positions.entries()) for (const position of own) slotAt[position] = slot;
  return slotAt;
}
