/**
 * What the sender hands over to the driver thread: requests that are due and that it cannot send. A ring on shared memory
 * with one producer and one consumer. Hot path where connections are busy: no allocation.
 */

import { firstPlace, nextPlace, publish, release, waitForPlace } from "./ring.ts";
import type { RingCounts } from "./ring.ts";
import { sharedFloats, sharedInts } from "./shared-columns.ts";
import type { SharedFloats, SharedInts } from "./shared-columns.ts";

const capacity = 1 << 14;

export interface HandOver {
  readonly slot: SharedInts;
  readonly dueUs: SharedFloats;
  readonly counts: RingCounts;
}

export function createHandOver(): HandOver {
  return { slot: sharedInts(capacity), dueUs: sharedFloats(capacity), counts: sharedInts(2) };
}

/** Producer: appends, or returns false where the ring is full. */
export function append({ slot, dueUs, counts }: HandOver, ofSlot: number, atUs: number): boolean {
  const place = nextPlace(counts, capacity);
  if (place < 0) return false;
  slot[place] = ofSlot;
  dueUs[place] = atUs;
  publish(counts);
  return true;
}

/** Producer: sleeps until something has been taken, or a millisecond. */
export function waitForRoom({ counts }: HandOver): void {
  waitForPlace(counts);
}

/** Consumer: gives all there is to `take`, in order. */
export function takeAll(
  { slot, dueUs, counts }: HandOver,
  take: (slot: number, dueUs: number) => void,
): void {
  for (let place = firstPlace(counts, capacity); place >= 0; place = firstPlace(counts, capacity)) {
    const ofSlot = slot[place]!;
    const atUs = dueUs[place]!;
    // Before it is given: taking it may bring us here again.
    release(counts);
    take(ofSlot, atUs);
  }
}
