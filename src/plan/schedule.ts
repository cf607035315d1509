/**
 * When each request is to start, and on which connection. Pure: a position in, a time out; no clock.
 * Hot path: `advance` allocates nothing.
 */

import { seededRandom } from "../random.ts";
import type { Random } from "../random.ts";
import { Grid, slotsByPosition } from "./grid.ts";
import { JitteredSchedule } from "./jittered-schedule.ts";
import type { StagePlan } from "./plan.ts";
import { RateCurve } from "./rate-curve.ts";

/** One thread's part of the plan's schedule, serialisable: the driver thread and its metronome walk the same one. */
export interface ScheduleSpec {
  /** Requests a second over all connections of all threads; above 0. Stages, where there are any, have their own. */
  readonly qps: number;
  /** Positions of the grid, over and over: the connections of all threads, each as often as it weighs; of stages, the most. */
  readonly cycle: number;
  /** Rates and cycles (in place of their connections) that change, one after the other; none: they do not. */
  readonly stages: readonly StagePlan[];
  /** Positions in the cycle of each connection of this thread, ascending, by local slot; most have one. */
  readonly positions: readonly (readonly number[])[];
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
  const curve = rateCurveOf(spec);
  if (spec.arrivals === "poisson") return new PoissonSchedule(curve, spec);
  return spec.jitter ? new JitteredSchedule(curve, spec) : new FixedSchedule(curve, spec);
}

/** How the rate and the number of connections go over the whole load. */
export function rateCurveOf(spec: ScheduleSpec): RateCurve {
  const { qps, stages, cycle, limit, durationUs } = spec;
  return new RateCurve({
    qps,
    stages,
    connections: cycle,
    durationUs: limit === Infinity ? durationUs : Infinity,
  });
}

/**
 * Every connection at its share of the rate, evenly out of phase, so that all threads together make one even grid.
 * Without `uniform` a whole cycle starts at once, as Fortio's does by default.
 */
class FixedSchedule implements Schedule {
  dueUs = Infinity;
  slot = 0;
  passed = 0;
  readonly #curve: RateCurve;
  readonly #grid: Grid;

  constructor(curve: RateCurve, spec: ScheduleSpec) {
    this.#curve = curve;
    this.#grid = new Grid(curve, spec);
    this.#take();
  }

  advance(): void {
    this.passed++;
    this.#grid.next();
    this.#take();
  }

  #take(): void {
    this.slot = this.#grid.slot;
    this.dueUs = this.#curve.timeOf(this.#grid.number);
  }
}

/**
 * Poisson arrivals on every connection at its share of the rate. The superposition of independent Poisson processes
 * is one of the summed rate whose events choose their process by its share; a changing rate bends its time (E. Çınlar,
 * Introduction to Stochastic Processes, 1975, ch. 4.7). Every thread draws the whole process and keeps what is its own.
 *
 * A limit takes the time that it does at an even pace: of a Poisson process whose count is given, the arrivals are as
 * many uniform ones (Çınlar, ch. 4), drawn here in ascending order (Bentley & Saxe, ACM TOMS 6, 1980).
 */
class PoissonSchedule implements Schedule {
  dueUs = Infinity;
  slot = 0;
  passed = 0;
  readonly #random: Random;
  readonly #curve: RateCurve;
  readonly #slotOf: Int32Array;
  readonly #limit: number;
  #number: number;
  #left: number;

  constructor(curve: RateCurve, { seed, positions, cycle, limit, warmupUs }: ScheduleSpec) {
    this.#random = seededRandom(seed, "arrivals");
    this.#curve = curve;
    this.#slotOf = slotsByPosition({ cycle, positions });
    this.#number = warmupUs === 0 ? 0 : warmupUs / curve.timeOf(-1);
    this.#limit = limit;
    this.#left = limit;
    this.#draw();
  }

  advance(): void {
    this.passed++;
    this.#draw();
  }

  #draw(): void {
    do {
      this.#number = this.#next();
      this.dueUs = this.#curve.timeOf(this.#number);
      if (this.#number >= 0 && this.#left-- <= 0) this.dueUs = Infinity;
      if (this.dueUs === Infinity) return;
      this.slot = this.#slotOf[Math.floor(this.#random() * this.#curve.connectionsAt(this.dueUs))]!;
    } while (this.slot < 0);
  }

  #next(): number {
    const next = this.#number - Math.log(1 - this.#random());
    if (next < 0 || this.#limit === Infinity) return next;
    // What is left of the gap that crosses 0 is exponential too.
    const from = Math.max(0, this.#number);
    return from - (this.#limit - from) * Math.expm1((from - next) / this.#left);
  }
}

/** How many of `limit` requests this thread makes: those whose place in the cycle is one of its positions. */
export function shareOf({
  limit,
  cycle,
  positions,
}: Pick<ScheduleSpec, "limit" | "cycle" | "positions">): number {
  if (limit === Infinity) return Infinity;
  const wholeCycles = Math.floor(limit / cycle);
  const rest = limit - wholeCycles * cycle;
  const own = positions.flat();
  return wholeCycles * own.length + own.filter((position) => position < rest).length;
}
