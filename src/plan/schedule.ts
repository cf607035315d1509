/**
 * When each request is to start, and on which connection. Pure: a position in, a time out; no clock.
 * Hot path: `advance` allocates nothing.
 */

import { seededRandom } from "../random.ts";
import type { Random } from "../random.ts";

/** One thread's part of the plan's schedule, serialisable: the driver thread and its metronome walk the same one. */
export interface ScheduleSpec {
  /** Requests a second over all connections of all threads; above 0. */
  readonly qps: number;
  /** Connections of all threads. */
  readonly connections: number;
  /** Position on the grid of each connection of this thread, by local slot; the grid has `connections` positions. */
  readonly positions: readonly number[];
  /** End of the schedule; ignored where `limit` is set. `Infinity` = until interrupted. */
  readonly durationUs: number;
  /** Requests of all threads together, `Infinity` for no limit. */
  readonly limit: number;
  /** The schedule begins so long before 0. */
  readonly warmupUs: number;
  readonly arrivals: "fixed" | "poisson";
  readonly uniform: boolean;
  readonly jitter: boolean;
  readonly seed: number;
  readonly thread: number;
}

/** A cursor over intended starts, ascending. Times count from the start of the load; warm-up is below 0. */
export interface Schedule {
  /** The next intended start, `Infinity` when there is none. */
  dueUs: number;
  /** The local slot that it belongs to. */
  slot: number;
  /** How many have been passed. */
  passed: number;
  advance(): void;
}

export function createSchedule(spec: ScheduleSpec): Schedule {
  if (spec.arrivals === "poisson") return new PoissonSchedule(spec);
  return spec.jitter ? new JitteredSchedule(spec) : new FixedSchedule(spec);
}

/**
 * Every connection at qps/c, evenly out of phase: position p of cycle k starts at (k·c + p)/qps, so that all threads
 * together make one even grid. Without `uniform` a whole cycle starts at once, as Fortio's does by default.
 */
class FixedSchedule implements Schedule {
  dueUs = Infinity;
  slot = 0;
  passed = -1;
  readonly #order: Int32Array;
  readonly #positions: Int32Array;
  readonly #gapUs: number;
  readonly #connections: number;
  readonly #uniform: boolean;
  readonly #first: number;
  readonly #limit: number;
  readonly #durationUs: number;
  #cycle: number;
  #next = 0;

  constructor(spec: ScheduleSpec) {
    const slots = spec.positions
      .map((_, slot) => slot)
      .sort((a, b) => spec.positions[a]! - spec.positions[b]!);
    this.#order = Int32Array.from(slots);
    this.#positions = Int32Array.from(slots, (slot) => spec.positions[slot]!);
    this.#gapUs = 1e6 / spec.qps;
    this.#connections = spec.connections;
    this.#uniform = spec.uniform;
    this.#limit = spec.limit;
    this.#durationUs = spec.limit === Infinity ? spec.durationUs : Infinity;
    this.#first = 0 - Math.ceil(spec.warmupUs / this.#gapUs);
    this.#cycle = Math.floor(this.#first / spec.connections);
    this.advance();
  }

  advance(): void {
    this.passed++;
    for (;;) {
      if (this.#next === this.#order.length) {
        this.#next = 0;
        this.#cycle++;
      }
      const start = this.#cycle * this.#connections;
      const index = start + this.#positions[this.#next]!;
      const dueUs = (this.#uniform ? index : start) * this.#gapUs;
      if (index >= this.#limit || dueUs >= this.#durationUs) {
        this.dueUs = Infinity;
        return;
      }
      this.slot = this.#order[this.#next]!;
      this.dueUs = dueUs;
      this.#next++;
      if (index >= this.#first) return;
    }
  }
}

/**
 * Poisson arrivals on every connection at qps/c each. The superposition of independent Poisson processes is one of
 * the summed rate whose events choose their process evenly, so one exponential gap and one draw make the next.
 */
class PoissonSchedule implements Schedule {
  dueUs: number;
  slot = 0;
  passed = -1;
  readonly #random: Random;
  readonly #meanGapUs: number;
  readonly #slots: number;
  readonly #durationUs: number;
  #left: number;

  constructor(spec: ScheduleSpec) {
    this.#random = seededRandom(spec.seed, `arrivals-${spec.thread}`);
    this.#slots = spec.positions.length;
    this.#meanGapUs = (1e6 / spec.qps) * (spec.connections / this.#slots);
    this.#left = shareOf(spec);
    this.#durationUs = spec.limit === Infinity ? spec.durationUs : Infinity;
    this.dueUs = -spec.warmupUs;
    this.advance();
  }

  advance(): void {
    this.passed++;
    this.dueUs -= Math.log(1 - this.#random()) * this.#meanGapUs;
    this.slot = Math.floor(this.#random() * this.#slots);
    if (this.dueUs >= 0 && this.#left-- <= 0) this.dueUs = Infinity;
    if (this.dueUs >= this.#durationUs) this.dueUs = Infinity;
  }
}

/** The fixed schedule with every start moved by up to ±10 % of its connection's period, the grid itself unmoved. */
class JitteredSchedule implements Schedule {
  dueUs = Infinity;
  slot = 0;
  passed = 0;
  readonly #fixed: FixedSchedule;
  readonly #random: Random;
  readonly #spreadUs: number;
  // A binary heap of the starts that a jitter of up to 20 % of a period can still overtake.
  readonly #dues: number[] = [];
  readonly #slots: number[] = [];

  constructor(spec: ScheduleSpec) {
    this.#fixed = new FixedSchedule(spec);
    this.#random = seededRandom(spec.seed, `jitter-${spec.thread}`);
    this.#spreadUs = 0.2 * (spec.connections / spec.qps) * 1e6;
    this.advance();
    this.passed = 0;
  }

  advance(): void {
    this.passed++;
    const fixed = this.#fixed;
    while (
      fixed.dueUs !== Infinity &&
      (this.#dues.length === 0 || fixed.dueUs - this.#spreadUs / 2 < this.#dues[0]!)
    ) {
      const shiftUs = (this.#random() - 0.5) * this.#spreadUs;
      // The measured part keeps its requests: none is moved across its beginning.
      const dueUs = fixed.dueUs + shiftUs;
      this.#push(fixed.dueUs >= 0 ? Math.max(0, dueUs) : Math.min(dueUs, -1), fixed.slot);
      fixed.advance();
    }
    if (this.#dues.length === 0) {
      this.dueUs = Infinity;
      return;
    }
    this.dueUs = this.#dues[0]!;
    this.slot = this.#slots[0]!;
    this.#pop();
  }

  #push(dueUs: number, slot: number): void {
    let i = this.#dues.length;
    this.#dues.push(dueUs);
    this.#slots.push(slot);
    while (i > 0 && this.#dues[(i - 1) >> 1]! > this.#dues[i]!) {
      this.#swap(i, (i - 1) >> 1);
      i = (i - 1) >> 1;
    }
  }

  #pop(): void {
    const last = this.#dues.length - 1;
    this.#swap(0, last);
    this.#dues.length = last;
    this.#slots.length = last;
    for (let i = 0; ;) {
      let least = i;
      if (2 * i + 1 < last && this.#dues[2 * i + 1]! < this.#dues[least]!) least = 2 * i + 1;
      if (2 * i + 2 < last && this.#dues[2 * i + 2]! < this.#dues[least]!) least = 2 * i + 2;
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #swap(i: number, j: number): void {
    const dueUs = this.#dues[i]!;
    const slot = this.#slots[i]!;
    this.#dues[i] = this.#dues[j]!;
    this.#slots[i] = this.#slots[j]!;
    this.#dues[j] = dueUs;
    this.#slots[j] = slot;
  }
}

/** How many of `limit` requests this thread makes: those whose place in the cycle is one of its positions. */
export function shareOf({
  limit,
  connections,
  positions,
}: Pick<ScheduleSpec, "limit" | "connections" | "positions">): number {
  if (limit === Infinity) return Infinity;
  const wholeCycles = Math.floor(limit / connections);
  const rest = limit - wholeCycles * connections;
  return wholeCycles * positions.length + positions.filter((position) => position < rest).length;
}
