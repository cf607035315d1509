/**
 * What the sender has read from connections for the driver thread: a ring of cells on shared memory with one producer and
 * one consumer. A cell holds as many octets as one reading takes; the kernel writes them where the driver parses them.
 * Hot path: no allocation.
 */

import { firstPlace, nextPlace, publish, release } from "./ring.ts";
import type { RingCounts } from "./ring.ts";
import { sharedFloats, sharedInts } from "./shared-columns.ts";
import type { SharedFloats, SharedInts } from "./shared-columns.ts";

export const cellOctets = 4096;
const cells = 512;

export interface Deliveries {
  readonly octets: Uint8Array<SharedArrayBuffer>;
  readonly slot: SharedInts;
  /** How many octets; 0 = the connection has ended or failed, and its owner shall see for itself. */
  readonly count: SharedInts;
  /** Which lending of the slot's reading they belong to. */
  readonly lending: SharedInts;
  /** When the kernel received the last of them; NaN = it is not known. */
  readonly receivedUs: SharedFloats;
  readonly counts: RingCounts;
}

export function createDeliveries(): Deliveries {
  return {
    octets: new Uint8Array(new SharedArrayBuffer(cells * cellOctets)),
    slot: sharedInts(cells),
    count: sharedInts(cells),
    lending: sharedInts(cells),
    receivedUs: sharedFloats(cells),
    counts: sharedInts(2),
  };
}

/** Producer: the cell whose octets are to be written next, or −1 where all are full. */
export function nextCell({ counts }: Deliveries): number {
  return nextPlace(counts, cells);
}

/** Producer: hands over `count` octets in the cell that `nextCell` tells. */
export function deliver(
  deliveries: Deliveries,
  slot: number,
  lending: number,
  count: number,
  receivedUs: number,
): void {
  const cell = nextCell(deliveries);
  deliveries.slot[cell] = slot;
  deliveries.lending[cell] = lending;
  deliveries.count[cell] = count;
  deliveries.receivedUs[cell] = receivedUs;
  publish(deliveries.counts);
}

/** Told of a cell: its octets begin at `start` in those of the ring, which keep until it returns. */
export type TakeDelivery = (
  slot: number,
  lending: number,
  start: number,
  count: number,
  receivedUs: number,
) => void;

/** Consumer: gives all there is to `take`, in order. */
export function takeDeliveries(
  { slot, lending, count, receivedUs, counts }: Deliveries,
  take: TakeDelivery,
): void {
  for (let cell = firstPlace(counts, cells); cell >= 0; cell = firstPlace(counts, cells)) {
    take(slot[cell]!, lending[cell]!, cell * cellOctets, count[cell]!, receivedUs[cell]!);
    release(counts);
  }
}
