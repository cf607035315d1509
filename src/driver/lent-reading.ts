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

const own = 0;
const lent = 1;
/** The sender is reading: a matter of microseconds. */
const reading = 2;

/** Columns by slot on shared memory. All but `state` belong to the side that the state names. */
export interface LentReading {
  readonly state: Int32Array<SharedArrayBuffer>;
  readonly descriptor: Int32Array<SharedArrayBuffer>;
  /** Which connection what was read is of: counts on with each lending, and with each connection that is closed. */
  readonly lending: Int32Array<SharedArrayBuffer>;
}

export function createLentReading(slots: number): LentReading {
  const column = (): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(slots * 4));
  return { state: column(), descriptor: column(), lending: column() };
}

/** Driver: the sender may read from this descriptor from now on. */
export function lendReading({ state, descriptor, lending }: LentReading, slot: number, from: number): void {
  descriptor[slot] = from;
  lending[slot]!++;
  Atomics.store(state, slot, lent);
}

/** Driver: the sender may not read any more. Waits while it is reading. */
export function takeBackReading({ state }: LentReading, slot: number): void {
  for (let looks = 1; ; looks++) {
    const seen = Atomics.load(state, slot);
    if (seen === own) return;
    if (seen === lent) Atomics.compareExchange(state, slot, lent, own);
    // Whoever holds the sender up may need this very core.
    else if (looks % 64 === 0) Atomics.wait(state, slot, reading, 0.05);
  }
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
