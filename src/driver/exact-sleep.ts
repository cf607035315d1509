/** Sleeping to within some ten microseconds, in a thread that has nothing else to do: libuv's timers count milliseconds. */

import { readlinkSync, writeFileSync } from "node:fs";
import { monotonicUs } from "../clock.ts";

/** Sleeps until then, or until `signals[index]` is no longer 0 and someone notifies of it. */
export function sleepUntil(atUs: number, signals: Int32Array<SharedArrayBuffer>, index: number): void {
  const leftUs = atUs - monotonicUs();
  if (leftUs > 0) Atomics.wait(signals, index, 0, leftUs / 1e3);
}

// Every sleep lasts longer than asked for: timer, interrupt, scheduler, 30 to 100 µs on a virtual machine. What is usual
// of that can be known beforehand. A fifth of the sleeps end earlier than expected and spin for the few microseconds left.
const stepUs = 1;
const mostExpectedUs = 150;

/** Ends sleeps on time by beginning to wake early. */
export class PunctualSleep {
  readonly #signals: Int32Array<SharedArrayBuffer>;
  readonly #index: number;
  #oversleptUs = 0;

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
      // The 20 % quantile of what sleeps take beyond their time, by steps that balance there.
      if (monotonicUs() - wakeUs > this.#oversleptUs)
        this.#oversleptUs = Math.min(mostExpectedUs, this.#oversleptUs + stepUs);
      else this.#oversleptUs = Math.max(0, this.#oversleptUs - 4 * stepUs);
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
