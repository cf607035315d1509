/** `-qps 0`: every connection starts its next request when the last one ends. Hot path: no allocation per request. */

import { monotonicUs } from "../clock.ts";
import type { RateCurve } from "../plan/rate-curve.ts";
import type { Source } from "./source.ts";

export interface ClosedLoopOptions {
  /** `limit` requests are started from `startUs` on, those between `beginUs` and `startUs` warm up. */
  readonly beginUs: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly limit: number;
  /** Of each slot: those below the number of connections that take part do. */
  readonly positions: readonly number[];
  /** Places in flight of each slot. */
  readonly streams: number;
  readonly curve: RateCurve;
  readonly fire: (slot: number, dueUs: number) => void;
}

export class ClosedLoop implements Source {
  readonly #options: ClosedLoopOptions;
  readonly #positions: Int32Array;
  /** Free places of each slot that does not take part. */
  readonly #parked: Int32Array;
  #left: number;
  #active = 0;
  #begun = false;

  constructor(options: ClosedLoopOptions) {
    const { positions, streams, limit } = options;
    this.#options = options;
    this.#positions = Int32Array.from(positions);
    this.#parked = new Int32Array(positions.length).fill(streams);
    this.#left = limit;
  }

  get over(): boolean {
    return this.#left <= 0 || monotonicUs() >= this.#options.endUs;
  }

  tick(): void {
    const { beginUs, startUs, curve } = this.#options;
    const nowUs = monotonicUs();
    if (nowUs < beginUs) return;
    this.#begun = true;
    const before = this.#active;
    this.#active = curve.connectionsAt(nowUs - startUs);
    if (this.#active > before) this.#release(nowUs);
  }

  freed(slot: number, nowUs: number): void {
    const { startUs, endUs, fire } = this.#options;
    if (!this.#begun || this.#left <= 0 || nowUs >= endUs) return;
    if (this.#positions[slot]! >= this.#active) {
      this.#parked[slot]!++;
      return;
    }
    if (nowUs >= startUs) this.#left--;
    fire(slot, nowUs);
  }

  stop(): void {
    this.#left = 0;
  }

  #release(nowUs: number): void {
    for (let slot = 0; slot < this.#positions.length; slot++)
      if (this.#positions[slot]! < this.#active)
        for (; this.#parked[slot]! > 0; this.#parked[slot]!--) this.freed(slot, nowUs);
  }
}
