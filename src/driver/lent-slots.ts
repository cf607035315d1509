/**
 * Who may write to the connection of each slot: the driver thread, whose connection it is, or the sender, to which the
 * driver lends the descriptor while nothing is in flight. Whoever changes a state from `lent` does so by
 * compare-exchange, and the driver closes no descriptor that is lent or being written to: so the sender can never
 * write to a descriptor that was closed and given to another connection.
 *
 *          lend            borrow             giveBack
 *   busy ────────▶ lent ────────────▶ writing ─────────▶ sent          (or held, where nothing could be written)
 *    ▲  ╲ hold       │ recall                             │ recall
 *    │   ▶ held ◀────┘                                    │
 *    └──────┴─ occupy ◀───────────────────────────────────┘
 *
 * Hot path of both threads: no allocation.
 */

import { settled, sharedFloats, sharedInts } from "./shared-columns.ts";
import type { SharedFloats, SharedInts } from "./shared-columns.ts";

/** Nothing in flight, and nothing to write to without the driver: before the first connection and after a loss. */
const held = 0;
/** The driver has a request in flight. It looks for what was handed over when that ends. */
const busy = 1;
const lent = 2;
/** The sender is writing: a matter of microseconds. */
const writing = 3;
/** The sender's request is in flight, and the driver has not seen anything of it. */
const sent = 4;

/** Columns by slot on shared memory. All but `state` belong to the side that the state names. */
export interface LentSlots {
  readonly state: SharedInts;
  readonly descriptor: SharedInts;
  /** Octets of its request that the sender has written. */
  readonly written: SharedInts;
  readonly dueUs: SharedFloats;
  readonly actedUs: SharedFloats;
}

export function createLentSlots(slots: number): LentSlots {
  return shaped({
    state: sharedInts(slots),
    descriptor: sharedInts(slots),
    written: sharedInts(slots),
    dueUs: sharedFloats(slots),
    actedUs: sharedFloats(slots),
  });
}

/** The same columns in an object of one shape: another thread gets them in one of another, for which V8 compiles anew. */
export function shaped({ state, descriptor, written, dueUs, actedUs }: LentSlots): LentSlots {
  return { state, descriptor, written, dueUs, actedUs };
}

/** Driver: the sender may write to this descriptor from now on. */
export function lend(slots: LentSlots, slot: number, descriptor: number): void {
  slots.descriptor[slot] = descriptor;
  Atomics.store(slots.state, slot, lent);
}

/** Driver, or the sender that could write nothing: only the driver may begin the next request. */
export function hold(slots: LentSlots, slot: number): void {
  Atomics.store(slots.state, slot, held);
}

/** Driver: has a request of its own in flight. */
export function occupy(slots: LentSlots, slot: number): void {
  Atomics.store(slots.state, slot, busy);
}

/** Driver: the sender may not write any more; true where it has sent a request. Waits while it is writing one. */
export function recall({ state }: LentSlots, slot: number): boolean {
  for (;;) {
    const seen = settled(state, slot, writing);
    if (seen === sent) {
      Atomics.store(state, slot, busy);
      return true;
    }
    if (seen !== lent || Atomics.compareExchange(state, slot, lent, held) === lent) return false;
  }
}

/** Driver: the slots whose requests it has not seen anything of, in the order they were sent. */
export function sentSlots({ state, actedUs }: LentSlots): number[] {
  const slots: number[] = [];
  for (let slot = 0; slot < state.length; slot++) if (Atomics.load(state, slot) === sent) slots.push(slot);
  return slots.sort((a, b) => actedUs[a]! - actedUs[b]!);
}

/** Sender: takes a lent slot to write to it, or returns false. */
export function borrow({ state }: LentSlots, slot: number): boolean {
  return Atomics.compareExchange(state, slot, lent, writing) === lent;
}

/** Sender: has written its request, or the beginning of it. */
export function giveBack({ state }: LentSlots, slot: number): void {
  Atomics.store(state, slot, sent);
}

/** Sender: a request is in flight, at whose end the driver looks for what was handed over. */
export function inFlight({ state }: LentSlots, slot: number): boolean {
  const seen = Atomics.load(state, slot);
  return seen === busy || seen === sent;
}
