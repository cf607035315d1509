/** The fixed schedule with every start moved by up to ±10 % of its connection's period, the grid itself unmoved. */

import { seededRandom } from "../random.ts";
import type { Random } from "../random.ts";
import { Grid } from "./grid.ts";
import type { RateCurve } from "./rate-curve.ts";
import type { Schedule, ScheduleSpec } from "./schedule.ts";

/** Of a period: from 10 % early to 10 % late. */
const spread = 0.2;
/** What is moved stays so far on its side of the load's beginning and end. */
const edge = 1e-6;

export class JitteredSchedule implements Schedule {
  dueUs = Infinity;
  slot = 0;
  passed = 0;
  readonly #curve: RateCurve;
  readonly #end: number;
  readonly #grid: Grid;
  readonly #random: Random;
  /** How far ahead of its place, in request numbers, any start may be moved. */
  readonly #ahead: number;
  /** Requests of each slot in a cycle. */
  readonly #turns: Int32Array;
  // A binary heap of the starts that a later one can still overtake.
  readonly #numbers: number[] = [];
  readonly #slots: number[] = [];

  constructor(curve: RateCurve, spec: ScheduleSpec) {
    this.#curve = curve;
    this.#end = Math.min(curve.total, spec.limit);
    this.#grid = new Grid(curve, spec);
    this.#random = seededRandom(spec.seed, `jitter-${spec.thread}`);
    this.#ahead = (spread / 2) * spec.cycle;
    this.#turns = Int32Array.from(spec.positions, (own) => own.length);
    this.#take();
  }

  advance(): void {
    this.passed++;
    this.#take();
  }

  #take(): void {
    const grid = this.#grid;
    while (
      grid.number !== Infinity &&
      (this.#numbers.length === 0 || grid.number - this.#ahead < this.#numbers[0]!)
    ) {
      this.#push(this.#moved(grid.number, grid.size / this.#turns[grid.slot]!), grid.slot);
      grid.next();
    }
    if (this.#numbers.length === 0) {
      this.dueUs = Infinity;
      return;
    }
    this.dueUs = this.#curve.timeOf(this.#numbers[0]!);
    this.slot = this.#slots[0]!;
    this.#pop();
  }

  /** A period is as many requests as lie between two of the connection. The measured part keeps its requests. */
  #moved(number: number, period: number): number {
    const moved = number + (this.#random() - 0.5) * spread * period;
    if (number < 0) return Math.min(moved, -edge);
    return Math.min(Math.max(0, moved), this.#end - edge);
  }

  #push(number: number, slot: number): void {
    let i = this.#numbers.length;
    this.#numbers.push(number);
    this.#slots.push(slot);
    while (i > 0 && this.#numbers[(i - 1) >> 1]! > this.#numbers[i]!) {
      this.#swap(i, (i - 1) >> 1);
      i = (i - 1) >> 1;
    }
  }

  #pop(): void {
    const last = this.#numbers.length - 1;
    this.#swap(0, last);
    this.#numbers.length = last;
    this.#slots.length = last;
    for (let i = 0; ;) {
      let least = i;
      if (2 * i + 1 < last && this.#numbers[2 * i + 1]! < this.#numbers[least]!) least = 2 * i + 1;
      if (2 * i + 2 < last && this.#numbers[2 * i + 2]! < this.#numbers[least]!) least = 2 * i + 2;
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #swap(i: number, j: number): void {
    const number = this.#numbers[i]!;
    const slot = this.#slots[i]!;
    this.#numbers[i] = this.#numbers[j]!;
    this.#slots[i] = this.#slots[j]!;
    this.#numbers[j] = number;
    this.#slots[j] = slot;
  }
}
