/**
 * What the sender has read from connections for the driver thread: a ring of cells on shared memory with one producer and
 * one consumer. A cell holds as many octets as one reading takes; the kernel writes them where the driver parses them.
 * Hot path: no allocation.
 */

export const cellOctets = 4096;
const cells = 512;
const appended = 0;
const taken = 1;

export interface Deliveries {
  readonly octets: Uint8Array<SharedArrayBuffer>;
  readonly slot: Int32Array<SharedArrayBuffer>;
  /** How many octets; 0 = the connection has ended or failed, and its owner shall see for itself. */
  readonly count: Int32Array<SharedArrayBuffer>;
  /** Which lending of the slot's reading they belong to. */
  readonly lending: Int32Array<SharedArrayBuffer>;
  /** When the kernel received the last of them. */
  readonly receivedUs: Float64Array<SharedArrayBuffer>;
  /** How many cells were appended, and how many taken; both go round at 2³². */
  readonly counts: Int32Array<SharedArrayBuffer>;
}

export function createDeliveries(): Deliveries {
  return {
    octets: new Uint8Array(new SharedArrayBuffer(cells * cellOctets)),
    slot: new Int32Array(new SharedArrayBuffer(cells * 4)),
    count: new Int32Array(new SharedArrayBuffer(cells * 4)),
    lending: new Int32Array(new SharedArrayBuffer(cells * 4)),
    receivedUs: new Float64Array(new SharedArrayBuffer(cells * 8)),
    counts: new Int32Array(new SharedArrayBuffer(8)),
  };
}

/** Producer: the cell that is to be filled next, or −1 where all are full. */
export function nextCell({ counts }: Deliveries): number {
  const count = counts[appended]!;
  return ((count - Atomics.load(counts, taken)) | 0) === cells ? -1 : count & (cells - 1);
}

/** Producer: hands over the cell that `nextCell` told, once it is filled. */
export function deliver({ counts }: Deliveries): void {
  Atomics.store(counts, appended, counts[appended]! + 1);
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
  while (counts[taken] !== Atomics.load(counts, appended)) {
    const cell = counts[taken]! & (cells - 1);
    take(slot[cell]!, lending[cell]!, cell * cellOctets, count[cell]!, receivedUs[cell]!);
    Atomics.store(counts, taken, counts[taken]! + 1);
  }
}
