/** Sleeping to within some ten microseconds, in a thread that has nothing else to do: libuv's timers count milliseconds. */

import { readlinkSync, writeFileSync } from "node:fs";
import { monotonicUs } from "../clock.ts";

/** Sleeps until then, or until `signals[index]` is no longer 0 and someone notifies of it. */
export function sleepUntil(atUs: number, signals: Int32Array<SharedArrayBuffer>, index: number): void {
  const leftUs = atUs - monotonicUs();
  if (leftUs > 0) Atomics.wait(signals, index, 0, leftUs / 1e3);
}

// Every sleep lasts longer than asked for: timer, interrupt, scheduler, 30 to 200 µs on a virtual machine. What is usual
// of that can be known beforehand; sleeps that end earlier than expected spin for the microseconds left.
const stepUs = 5;
const mostExpectedUs = 300;
/** The first steps are larger, the n-th by 1/n: of what is usual nothing is known yet (Robbins and Monro, 1951). */
const firstStepUs = 160;

/** Of short sleeps few are to end early, of long ones nearly all: there the spinning is a fiftieth of the time. */
const shortUs = 2000;
const earlyOfShort = 0.04;
const earlyOfLong = 0.97;

/** By how much sleeps of one kind last longer than asked for: the `early` quantile, by steps up and down that balance there. */
class Oversleeping {
  expectedUs = 0;
  readonly #early: number;
  #sleeps = 0;

  constructor(early: number) {
    this.#early = early;
  }

  learn(beyondUs: number): void {
    const step = Math.max(stepUs, firstStepUs / ++this.#sleeps);
    const expected = this.expectedUs + step * (beyondUs > this.expectedUs ? this.#early : this.#early - 1);
    this.expectedUs = Math.min(mostExpectedUs, Math.max(0, expected));
  }
}

/** Ends sleeps on time by beginning to wake early. */
export class PunctualSleep {
  readonly #rest: (us: number) => void;
  readonly #signals: Int32Array<SharedArrayBuffer>;
  readonly #index: number;
  readonly #short = new Oversleeping(earlyOfShort);
  readonly #long = new Oversleeping(earlyOfLong);

  /** `rest` sleeps so long at most, and ends where `signals[index]` is no longer 0 and someone notifies of it, or soon. */
  constructor(rest: (us: number) => void, signals: Int32Array<SharedArrayBuffer>, index: number) {
    this.#rest = rest;
    this.#signals = signals;
    this.#index = index;
  }

  /** As `sleepUntil`. Hot path: no allocation. */
  until(atUs: number): void {
    const nowUs = monotonicUs();
    const oversleeping = atUs - nowUs > shortUs ? this.#long : this.#short;
    const wakeUs = atUs - oversleeping.expectedUs;
    if (wakeUs > nowUs) {
      let leftUs = wakeUs - nowUs;
      do {
        this.#rest(leftUs);
        leftUs = wakeUs - monotonicUs();
      } while (leftUs > 0 && Atomics.load(this.#signals, this.#index) === 0);
      oversleeping.learn(-leftUs);
    }
    while (monotonicUs() < atUs && Atomics.load(this.#signals, this.#index) === 0);
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
