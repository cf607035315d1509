/** Sleeping to within some ten microseconds, in a thread that has nothing else to do: libuv's timers count milliseconds. */

import { readlinkSync, writeFileSync } from "node:fs";
import { monotonicUs } from "../clock.ts";

/** Sleeps until then, or until `signals[index]` is no longer 0 and someone notifies of it. */
export function sleepUntil(atUs: number, signals: Int32Array<SharedArrayBuffer>, index: number): void {
  const leftUs = atUs - monotonicUs();
  if (leftUs > 0) Atomics.wait(signals, index, 0, leftUs / 1e3);
}

/** Linux lets timers of ordinary threads fire up to 50 µs late so that wakes coalesce; ask for 1 ns instead. */
export function sleepExactly(): void {
  try {
    const [, , threadId] = readlinkSync("/proc/thread-self").split("/");
    writeFileSync(`/proc/${threadId}/timerslack_ns`, "1");
  } catch {
    // Not Linux, or not allowed: wakes are then some 50 µs later, which the lag shows.
  }
}
