/** Sleeping to within some ten microseconds, in a thread that has nothing else to do: libuv's timers count milliseconds. */

import { readlinkSync, writeFileSync } from "node:fs";
import { monotonicUs } from "../clock.ts";

/** Sleeps until then, or until `signals[index]` is no longer 0 and someone notifies of it. */
export function sleepUntil(atUs: number, signals: Int32Array<SharedArrayBuffer>, index: number): void {
  const leftUs = atUs - monotonicUs();
  if (leftUs > 0) Atomics.wait(signals, index, 0, leftUs / 1e3);
}

// Every sleep lasts longer than asked for: timer, interrupt, scheduler, 30 to 100 µs on a virtual machine. What is usual
// of that can be known beforehand; sleeps that end earlier than expected spin for the few microseconds left.
const stepUs = 5;
const mostExpectedUs = 150;
/** The first steps are larger, the n-th by 1/n: of what is usual nothing is known yet (Robbins and Monro, 1951). */
const firstStepUs = 160;

/** Of short sleeps few are to end early, of long ones four fifths: there the spinning is a hundredth of the time. */
const shortUs = 2000;
const earlyOfShort = 0.04;
const earlyOfLong = 0.8;

/** Ends sleeps on time by beginning to wake early. */
export class PunctualSleep {
  readonly #signals: Int32Array<SharedArrayBuffer>;
  readonly #index: number;
  #oversleptUs = 0;
  #sleeps = 0;

  constructor(signals: Int32Array<SharedArrayBuffer>, index: number) {
    this.#signals = signals;
    this.#index = index;
  }

  /** As `sleepUntil`. Hot path: no allocation. */
  until(atUs: number): void {
    const wakeUs = atUs - this.#oversleptUs;
    const leftUs = wakeUs - monotonicUs();
    if (leftUs > 0) {
      Atomics.wait(this.#signals, this.#index, 0, leftUs / 1e3);
      this.#learn(monotonicUs() - wakeUs, leftUs > shortUs ? earlyOfLong : earlyOfShort);
    }
    while (monotonicUs() < atUs && Atomics.load(this.#signals, this.#index) === 0);
  }

  /** The `early` quantile, by steps up and down that balance there. */
  #learn(beyondUs: number, early: number): void {
    const step = Math.max(stepUs, firstStepUs / ++this.#sleeps);
    const expected = this.#oversleptUs + step * (beyondUs > this.#oversleptUs ? early : early - 1);
    this.#oversleptUs = Math.min(mostExpectedUs, Math.max(0, expected));
  }
}

/** Linux lets timers of ordinary threads fire up to 50 µs late so that wakes coalesce; ask for 1 ns instead. */
export function sleepExactly(): void {
  try {
    const [, , threadId] = readlinkSync("/proc/thread-self").split("/");
    writeFileSync(`/proc/${threadId}/timerslack_ns`, "1");
  } catch {
    // Not Linux, or not allowed: wakes are then some 50 µs later, which the lag shows.
  }
}
