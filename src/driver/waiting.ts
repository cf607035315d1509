/**
 * Intended starts that wait for their connection, first come first served per slot. Hot path: nodes of one pool that
 * grows by doubling, linked by index.
 */

import { enlarge } from "./connection-table.ts";

const none = -1;

export class Waiting {
  count = 0;
  #dueUs = new Float64Array(256);
  #next = new Int32Array(256);
  #used = 0;
  #free = none;
  readonly #head: Int32Array;
  readonly #tail: Int32Array;

  constructor(slots: number) {
    this.#head = new Int32Array(slots).fill(none);
    this.#tail = new Int32Array(slots).fill(none);
  }

  has(slot: number): boolean {
    return this.#head[slot] !== none;
  }

  push(slot: number, dueUs: number): void {
    const node = this.#allocate();
    this.#dueUs[node] = dueUs;
    this.#next[node] = none;
    const tail = this.#tail[slot]!;
    if (tail === none) this.#head[slot] = node;
    else this.#next[tail] = node;
    this.#tail[slot] = node;
    this.count++;
  }

  /** The earliest intended start of a slot that `has` one. */
  shift(slot: number): number {
    const node = this.#head[slot]!;
    this.#head[slot] = this.#next[node]!;
    if (this.#head[slot] === none) this.#tail[slot] = none;
    this.#next[node] = this.#free;
    this.#free = node;
    this.count--;
    return this.#dueUs[node]!;
  }

  #allocate(): number {
    if (this.#free !== none) {
      const node = this.#free;
      this.#free = this.#next[node]!;
      return node;
    }
    if (this.#used === this.#next.length) {
      this.#dueUs = enlarge(this.#dueUs, new Float64Array(this.#used * 2));
      this.#next = enlarge(this.#next, new Int32Array(this.#used * 2));
    }
    return this.#used++;
  }
}
