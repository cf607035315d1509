/**
 * Who reads from the connection of each slot: the driver thread, whose connection it is, or the sender, to which the driver
 * lends the reading. Whoever changes a state from `lent` does so by compare-exchange, and the driver closes no connection
 * whose reading is lent: so the sender never reads from a descriptor that was closed and given to another connection.
 *
 *         lend           begin
 *   own ───────▶ lent ──────────▶ reading
 *    ▲ ▲ takeBack │ ◀──────────────── │
 *    │ ╰──────────╯       end         │
 *    ╰────────────────────────────────╯ giveBack
 *
 * Hot path of both threads: no allocation.
 */

import { settled, sharedInts } from "./shared-columns.ts";
import type { SharedInts } from "./shared-columns.ts";

const own = 0;
const lent = 1;
/** The sender is reading: a matter of microseconds. */
const reading = 2;

/** Columns by slot on shared memory. All but `state` belong to the side that the state names. */
export interface LentReading {
  readonly state: SharedInts;
  readonly descriptor: SharedInts;
  /** Which connection what was read is of: counts on with each lending, and with each connection that is closed. */
  readonly lending: SharedInts;
}

export function createLentReading(slots: number): LentReading {
  return { state: sharedInts(slots), descriptor: sharedInts(slots), lending: sharedInts(slots) };
}

/** Driver: the sender may read from this descriptor from now on. */
export function lendReading({ state, descriptor, lending }: LentReading, slot: number, from: number): void {
  descriptor[slot] = from;
  lending[slot]!++;
  Atomics.store(state, slot, lent);
}

/** Driver: the sender may not read any more. Waits while it is reading. */
export function takeBackReading({ state }: LentReading, slot: number): void {
  while (settled(state, slot, reading) !== own) Atomics.compareExchange(state, slot, lent, own);
}

/** Driver: what the sender read from it belongs to a connection that is gone. It must not be lent. */
export function forgetReading({ lending }: LentReading, slot: number): void {
  lending[slot]!++;
}

/** Sender: may read until it has done, or returns false. */
export function beginReading({ state }: LentReading, slot: number): boolean {
  return Atomics.compareExchange(state, slot, lent, reading) === lent;
}

/** Sender: has done, and may read again. */
export function endReading({ state }: LentReading, slot: number): void {
  Atomics.store(state, slot, lent);
}

/** Sender: has done, and leaves the rest to the driver. */
export function giveBackReading({ state }: LentReading, slot: number): void {
  Atomics.store(state, slot, own);
}
