/** `-qps 0`: every connection starts its next request when the last one ends. Hot path: no allocation per request. */

import { monotonicUs } from "../clock.ts";
import type { Source } from "./source.ts";

export class ClosedLoop implements Source {
  readonly #beginUs: number;
  readonly #startUs: number;
  readonly #endUs: number;
  readonly #fire: (slot: number, dueUs: number) => void;
  readonly #places: readonly number[];
  #left: number;
  #begun = false;

  /**
   * `places` lists a slot once for each of its places in flight; `limit` requests are started from `startUs` on, those
   * between `beginUs` and `startUs` warm up.
   */
  constructor({
    beginUs,
    startUs,
    endUs,
    limit,
    places,
    fire,
  }: {
    beginUs: number;
    startUs: number;
    endUs: number;
    limit: number;
    places: readonly number[];
    fire: (slot: number, dueUs: number) => void;
  }) {
    this.#beginUs = beginUs;
    this.#startUs = startUs;
    this.#endUs = endUs;
    this.#left = limit;
    this.#places = places;
    this.#fire = fire;
  }

  get over(): boolean {
    return this.#left <= 0 || monotonicUs() >= this.#endUs;
  }

  tick(): void {
    const nowUs = monotonicUs();
    if (this.#begun || nowUs < this.#beginUs) return;
    this.#begun = true;
    for (const slot of this.#places) this.freed(slot, nowUs);
  }

  freed(slot: number, nowUs: number): void {
    if (!this.#begun || this.#left <= 0 || nowUs >= this.#endUs) return;
    if (nowUs >= this.#startUs) this.#left--;
    this.#fire(slot, nowUs);
  }

  stop(): void {
    this.#left = 0;
  }
}
