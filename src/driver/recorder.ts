/**
 * Samples in columns, one row a request: 22 bytes. Hot path: `record` writes six numbers; nothing is aggregated here,
 * since which worker served a connection is often known only after the load.
 */

import { enlarge } from "./connection-table.ts";
import type { Samples } from "../result/load.ts";

export class Recorder {
  #count = 0;
  #latencyUs: Float32Array<ArrayBuffer>;
  #blockedUs: Float32Array<ArrayBuffer>;
  #lagUs: Float32Array<ArrayBuffer>;
  #connection: Uint32Array<ArrayBuffer>;
  #second: Uint32Array<ArrayBuffer>;
  #outcome: Uint16Array<ArrayBuffer>;

  /** Room for `expected` samples; more of them cost a copy at every doubling. */
  constructor(expected: number) {
    const size = Math.max(1024, Math.ceil(expected));
    this.#latencyUs = new Float32Array(size);
    this.#blockedUs = new Float32Array(size);
    this.#lagUs = new Float32Array(size);
    this.#connection = new Uint32Array(size);
    this.#second = new Uint32Array(size);
    this.#outcome = new Uint16Array(size);
  }

  record(
    latencyUs: number,
    blockedUs: number,
    lagUs: number,
    connection: number,
    second: number,
    outcome: number,
  ): void {
    if (this.#count === this.#latencyUs.length) this.#grow();
    const row = this.#count++;
    this.#latencyUs[row] = latencyUs;
    this.#blockedUs[row] = blockedUs;
    this.#lagUs[row] = lagUs;
    this.#connection[row] = connection;
    this.#second[row] = second;
    this.#outcome[row] = outcome;
  }

  /** The filled part of the columns, on buffers of their own that may be transferred. */
  take(): Samples {
    const count = this.#count;
    return {
      count,
      latencyUs: this.#latencyUs.slice(0, count),
      blockedUs: this.#blockedUs.slice(0, count),
      lagUs: this.#lagUs.slice(0, count),
      connection: this.#connection.slice(0, count),
      second: this.#second.slice(0, count),
      outcome: this.#outcome.slice(0, count),
    };
  }

  #grow(): void {
    const size = this.#latencyUs.length * 2;
    this.#latencyUs = enlarge(this.#latencyUs, new Float32Array(size));
    this.#blockedUs = enlarge(this.#blockedUs, new Float32Array(size));
    this.#lagUs = enlarge(this.#lagUs, new Float32Array(size));
    this.#connection = enlarge(this.#connection, new Uint32Array(size));
    this.#second = enlarge(this.#second, new Uint32Array(size));
    this.#outcome = enlarge(this.#outcome, new Uint16Array(size));
  }
}
