/** When and where V8 collects garbage while a load is driven. */

import { setFlagsFromString } from "node:v8";

/**
 * Has the threads that are started from now on collect seldom, and by themselves. A collection takes a millisecond, and the
 * half megabyte of young generation that V8 begins with is full after a second of a sender's readings of the clock; its
 * collector threads would take the processors that senders wake on.
 */
export function collectSeldom(): void {
  setFlagsFromString("--min-semi-space-size=16");
  setFlagsFromString("--single-threaded-gc");
}
