/**
 * Fires requests at their intended starts: on the metronome's wake, and whenever reading gives the thread a turn.
 * Hot path: no allocation, no promise, no closure per request.
 */

import { monotonicUs } from "../clock.ts";
import type { Schedule } from "../plan/schedule.ts";
import type { Source } from "./source.ts";

export class Pacer implements Source {
  readonly #schedule: Schedule;
  readonly #startUs: number;
  readonly #fire: (slot: number, dueUs: number) => void;
  readonly #passed: Int32Array;
  #stopped = false;

  /** `passed` is shared with the metronome, which need not wake us for what has been fired already. */
  constructor(
    schedule: Schedule,
    {
      startUs,
      fire,
      passed,
    }: { startUs: number; fire: (slot: number, dueUs: number) => void; passed: Int32Array },
  ) {
    this.#schedule = schedule;
    this.#startUs = startUs;
    this.#fire = fire;
    this.#passed = passed;
  }

  get over(): boolean {
    return this.#stopped || this.#schedule.dueUs === Infinity;
  }

  tick(): void {
    const schedule = this.#schedule;
    const startUs = this.#startUs;
    let dueUs = startUs + schedule.dueUs;
    if (this.#stopped || dueUs > monotonicUs()) return;
    do {
      const slot = schedule.slot;
      schedule.advance();
      this.#fire(slot, dueUs);
      dueUs = startUs + schedule.dueUs;
    } while (dueUs <= monotonicUs());
    Atomics.store(this.#passed, 0, schedule.passed);
  }

  freed(): void {
    // A schedule does not care who is free.
  }

  stop(): void {
    this.#stopped = true;
  }
}
