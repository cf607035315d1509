/**
 * Samples in columns, one row a request: 22 bytes. Hot path: `record` writes six numbers; nothing is aggregated here,
 * since which worker served a connection is often known only after the load. Above a cap, coarse histograms take over.
 */

import { enlarge } from "./connection-table.ts";
import { CoarseRecorder } from "./coarse-recorder.ts";
import type { Samples } from "../result/load.ts";

/** 92 MB a thread: 23 minutes at 3000 requests a second, and enough that a p99.9 rests on thousands of them. */
const keptSamples = 1 << 22;

export interface RecorderOptions {
  /** Room for so many samples from the start; more of them cost a copy at every doubling. */
  readonly expected: number;
  /** Samples to keep; what comes after them is only counted. */
  readonly cap?: number;
  /** Keeps each request's intended start as well: 30 bytes a request. */
  readonly starts?: boolean;
  /** The worker that answered on a connection's row, as far as a header named it; −1 otherwise. */
  readonly workerOf: (row: number) => number;
}

export class Recorder {
  readonly #cap: number;
  readonly #workerOf: (row: number) => number;
  #coarse: CoarseRecorder | null = null;
  #count = 0;
  #latencyUs: Float32Array<ArrayBuffer>;
  #blockedUs: Float32Array<ArrayBuffer>;
  #lagUs: Float32Array<ArrayBuffer>;
  #connection: Uint32Array<ArrayBuffer>;
  #second: Uint32Array<ArrayBuffer>;
  #outcome: Uint16Array<ArrayBuffer>;
  #startUs: Float64Array<ArrayBuffer> | null;

  constructor({ expected, cap = keptSamples, starts = false, workerOf }: RecorderOptions) {
    const size = Math.min(cap, Math.max(1024, Math.ceil(expected)));
    this.#cap = cap;
    this.#workerOf = workerOf;
    this.#latencyUs = new Float32Array(size);
    this.#blockedUs = new Float32Array(size);
    this.#lagUs = new Float32Array(size);
    this.#connection = new Uint32Array(size);
    this.#second = new Uint32Array(size);
    this.#outcome = new Uint16Array(size);
    this.#startUs = starts ? new Float64Array(size) : null;
  }

  record(
    latencyUs: number,
    blockedUs: number,
    lagUs: number,
    connection: number,
    startUs: number,
    outcome: number,
  ): void {
    const second = Math.floor(startUs / 1e6);
    if (this.#count === this.#latencyUs.length) {
      if (this.#count === this.#cap) {
        this.#coarse ??= new CoarseRecorder(this.#workerOf);
        this.#coarse.record(latencyUs, blockedUs, lagUs, connection, second, outcome);
        return;
      }
      this.#grow();
    }
    const row = this.#count++;
    this.#latencyUs[row] = latencyUs;
    this.#blockedUs[row] = blockedUs;
    this.#lagUs[row] = lagUs;
    this.#connection[row] = connection;
    this.#second[row] = second;
    this.#outcome[row] = outcome;
    if (this.#startUs !== null) this.#startUs[row] = startUs;
  }

  /** The filled part of the columns and what is above the cap, on buffers of their own that may be transferred. */
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
      ...(this.#startUs === null ? {} : { startUs: this.#startUs.slice(0, count) }),
      ...(this.#coarse === null ? {} : { coarse: this.#coarse.take() }),
    };
  }

  #grow(): void {
    const size = Math.min(this.#cap, this.#latencyUs.length * 2);
    this.#latencyUs = enlarge(this.#latencyUs, new Float32Array(size));
    this.#blockedUs = enlarge(this.#blockedUs, new Float32Array(size));
    this.#lagUs = enlarge(this.#lagUs, new Float32Array(size));
    this.#connection = enlarge(this.#connection, new Uint32Array(size));
    this.#second = enlarge(this.#second, new Uint32Array(size));
    this.#outcome = enlarge(this.#outcome, new Uint16Array(size));
    if (this.#startUs !== null) this.#startUs = enlarge(this.#startUs, new Float64Array(size));
  }
}
