/**
 * The places of a ring on shared memory with one producer and one consumer; what is in them its owner keeps in columns.
 * Hot path: no allocation.
 */

const appended = 0;
const taken = 1;

/** How many were appended, and how many taken; both go round at 2³². */
export type RingCounts = Int32Array<SharedArrayBuffer>;

/** Producer: the place that is to be filled next, or −1 where all are full. `capacity` is a power of two. */
export function nextPlace(counts: RingCounts, capacity: number): number {
  const count = counts[appended]!;
  return ((count - Atomics.load(counts, taken)) | 0) === capacity ? -1 : count & (capacity - 1);
}

/** Producer: has filled that place. */
export function publish(counts: RingCounts): void {
  Atomics.store(counts, appended, counts[appended]! + 1);
}

/** Producer: sleeps until something has been taken, or a millisecond. */
export function waitForPlace(counts: RingCounts): void {
  Atomics.wait(counts, taken, counts[taken]!, 1);
}

/** Consumer: the place that was filled first, or −1. */
export function firstPlace(counts: RingCounts, capacity: number): number {
  const count = counts[taken]!;
  return count === Atomics.load(counts, appended) ? -1 : count & (capacity - 1);
}

/** Consumer: has done with that place. */
export function release(counts: RingCounts): void {
  Atomics.store(counts, taken, counts[taken]! + 1);
}
