/**
 * Requests in flight, oldest first, and the one timer that ends those that wait too long. Hot path: a linked list over
 * request numbers; since all have the same timeout, the oldest is always the next to expire.
 */

import { monotonicUs } from "../clock.ts";

const none = -1;

export class InFlight {
  count = 0;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #actedUs: Float64Array;
  readonly #timeoutUs: number;
  readonly #expire: (request: number) => void;
  readonly #onTimer: () => void;
  #oldest = none;
  #newest = none;
  #timer: NodeJS.Timeout | undefined;
  /** The timer ends the requests that were acted upon until then; `Infinity` = there is none. */
  #armedForUs = Infinity;

  /** `actedUs` is the owner's column of when each request was acted upon; `expire` ends one. */
  constructor(actedUs: Float64Array, timeoutUs: number, expire: (request: number) => void) {
    this.#actedUs = actedUs;
    this.#timeoutUs = timeoutUs;
    this.#expire = expire;
    this.#next = new Int32Array(actedUs.length);
    this.#previous = new Int32Array(actedUs.length);
    this.#onTimer = () => this.sweep();
  }

  add(request: number): void {
    const actedUs = this.#actedUs[request]!;
    // Mostly the newest; what the sender has sent is added later than it was acted upon.
    let previous = this.#newest;
    while (previous !== none && this.#actedUs[previous]! > actedUs) previous = this.#previous[previous]!;
    const next = previous === none ? this.#oldest : this.#next[previous]!;
    this.#previous[request] = previous;
    this.#next[request] = next;
    if (previous === none) this.#oldest = request;
    else this.#next[previous] = request;
    if (next === none) this.#newest = request;
    else this.#previous[next] = request;
    this.count++;
    if (actedUs < this.#armedForUs) this.#arm(request);
  }

  remove(request: number): void {
    const next = this.#next[request]!;
    const previous = this.#previous[request]!;
    if (previous === none) this.#oldest = next;
    else this.#next[previous] = next;
    if (next === none) this.#newest = previous;
    else this.#previous[next] = previous;
    this.count--;
  }

  /** Has `end` end all that are left, oldest first; it must lead to their `remove`. */
  endAll(end: (request: number) => void): void {
    while (this.#oldest !== none) end(this.#oldest);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#armedForUs = Infinity;
  }

  #arm(oldest: number): void {
    clearTimeout(this.#timer);
    this.#armedForUs = this.#actedUs[oldest]!;
    const leftUs = this.#armedForUs + this.#timeoutUs - monotonicUs();
    this.#timer = setTimeout(this.#onTimer, Math.max(1, Math.ceil(leftUs / 1e3)));
  }

  /** Ends those that have waited too long, at once. */
  sweep(): void {
    this.#armedForUs = Infinity;
    const nowUs = monotonicUs();
    while (this.#oldest !== none && this.#actedUs[this.#oldest]! + this.#timeoutUs <= nowUs)
      this.#expire(this.#oldest);
    if (this.#oldest !== none && this.#actedUs[this.#oldest]! < this.#armedForUs) this.#arm(this.#oldest);
  }
}
