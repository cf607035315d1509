/**
 * What the sender hands over to the driver thread: requests that are due and that it cannot send. A ring on shared memory
 * with one producer and one consumer. Hot path where connections are busy: no allocation.
 */

const capacity = 1 << 14;
const appended = 0;
const taken = 1;

export interface HandOver {
  readonly slot: Int32Array<SharedArrayBuffer>;
  readonly dueUs: Float64Array<SharedArrayBuffer>;
  /** How many were appended, and how many taken; both go round at 2³². */
  readonly counts: Int32Array<SharedArrayBuffer>;
}

export function createHandOver(): HandOver {
  return {
    slot: new Int32Array(new SharedArrayBuffer(capacity * 4)),
    dueUs: new Float64Array(new SharedArrayBuffer(capacity * 8)),
    counts: new Int32Array(new SharedArrayBuffer(8)),
  };
}

/** Producer: appends, or returns false where the ring is full. */
export function append({ slot, dueUs, counts }: HandOver, ofSlot: number, atUs: number): boolean {
  const count = counts[appended]!;
  if (((count - Atomics.load(counts, taken)) | 0) === capacity) return false;
  slot[count & (capacity - 1)] = ofSlot;
  dueUs[count & (capacity - 1)] = atUs;
  Atomics.store(counts, appended, count + 1);
  return true;
}

/** Producer: sleeps until something has been taken, or a millisecond. */
export function waitForRoom({ counts }: HandOver): void {
  Atomics.wait(counts, taken, counts[taken]!, 1);
}

/** Consumer: gives all there is to `take`, in order. */
export function takeAll(
  { slot, dueUs, counts }: HandOver,
  take: (slot: number, dueUs: number) => void,
): void {
  while (counts[taken] !== Atomics.load(counts, appended)) {
    const count = counts[taken]!;
    const ofSlot = slot[count & (capacity - 1)]!;
    const atUs = dueUs[count & (capacity - 1)]!;
    Atomics.store(counts, taken, count + 1);
    take(ofSlot, atUs);
  }
}
