/**
 * A thread that never sleeps: that a response is there, or a request due, is seen microseconds later and by code that is
 * still in the processor's caches. It costs the whole of a processor.
 * Hot path: no promise and no closure; Node makes one object for each turn of its loop, so turns that bring nothing are
 * spaced, lest their garbage be collected twenty times a second.
 */

import { monotonicUs } from "../clock.ts";

/** A turn of libuv's loop that lasts no longer found nothing to read: asking the kernel takes 1 to 3 µs, a response 8. */
const emptyTurnUs = 5;

/** After such a turn the schedule alone is looked at for so long. */
const spacingUs = 10;

export class Spin implements Disposable {
  readonly #onTurn: () => void;
  readonly #spin = (): void => this.#turn();
  #spinning = true;
  #leftAtUs = monotonicUs();
  #busyUs = 0;

  /** Calls `onTurn` between any two readings, without a pause, until disposed. */
  constructor(onTurn: () => void) {
    this.#onTurn = onTurn;
    setImmediate(this.#spin);
  }

  /** Begins to watch; the function returned tells which share of the time since was spent on what had been read. */
  watch(): () => number {
    const [sinceUs, busyUs] = [monotonicUs(), this.#busyUs];
    return () => (this.#busyUs - busyUs) / Math.max(1, monotonicUs() - sinceUs);
  }

  [Symbol.dispose](): void {
    this.#spinning = false;
  }

  #turn(): void {
    if (!this.#spinning) return;
    const backUs = monotonicUs();
    const turnUs = backUs - this.#leftAtUs;
    this.#onTurn();
    if (turnUs > emptyTurnUs) this.#busyUs += turnUs;
    else while (monotonicUs() < backUs + spacingUs) this.#onTurn();
    this.#leftAtUs = monotonicUs();
    // While one is pending, libuv asks for what can be read and does not wait for it.
    setImmediate(this.#spin);
  }
}
