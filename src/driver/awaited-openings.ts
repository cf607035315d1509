/** Connections whose opening somebody waits for: all of those before the load, or one alone. */

import type { FailureReason } from "../result/load.ts";

/** A connection that did not come about. */
export interface OpenFailure {
  readonly slot: number;
  readonly reason: FailureReason;
  readonly message: string;
}

export class AwaitedOpenings {
  /** Those before the load that have neither succeeded nor failed yet. */
  readonly #awaited = new Set<number>();
  readonly #failures: OpenFailure[] = [];
  readonly #onTried = new Map<number, (row: number | null) => void>();
  #onAllTried: (failures: readonly OpenFailure[]) => void = () => {};

  get slots(): Iterable<number> {
    return this.#awaited;
  }

  /** `onTried` will be told once each of these has succeeded or failed. */
  awaitAll(slots: readonly number[], onTried: (failures: readonly OpenFailure[]) => void): void {
    this.#onAllTried = onTried;
    for (const slot of slots) this.#awaited.add(slot);
    if (slots.length === 0) onTried([]);
  }

  /** `onTried` is told the row of the connection, or `null` where it could not be opened. */
  awaitOne(slot: number, onTried: (row: number | null) => void): void {
    this.#onTried.set(slot, onTried);
  }

  succeeded(slot: number, row: number): void {
    this.#tried(slot, row);
  }

  failed(failure: OpenFailure): void {
    this.#failures.push(failure);
    this.#tried(failure.slot, null);
  }

  #tried(slot: number, row: number | null): void {
    this.#onTried.get(slot)?.(row);
    this.#onTried.delete(slot);
    if (this.#awaited.delete(slot) && this.#awaited.size === 0) this.#onAllTried(this.#failures);
  }
}
