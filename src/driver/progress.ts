/** Live counts, in memory that a thread shares with the main thread: cheap enough to be read at any time. */

import { failureReasonOf, outcomeCount } from "../result/load.ts";

/** A thread's counters: requests done, requests failed, and from `failedBy` on the failed ones by outcome. */
export type Counters = Int32Array<SharedArrayBuffer>;

const failedBy = 2;

export interface Progress {
  readonly requests: number;
  readonly failures: number;
  /** Failed requests by status or reason. */
  readonly failed: Readonly<Record<string, number>>;
}

export function createCounters(): Counters {
  return new Int32Array(new SharedArrayBuffer(4 * (failedBy + outcomeCount)));
}

/** Hot path: counts a request that is done. */
export function countOutcome(counters: Int32Array, outcome: number): void {
  counters[0]!++;
  if (outcome < 400) return;
  counters[1]!++;
  counters[failedBy + outcome]!++;
}

/** The counters of all threads together. */
export function progressOf(threads: readonly Counters[]): Progress {
  const sum = (index: number): number => threads.reduce((total, counters) => total + counters[index]!, 0);
  const failed: Record<string, number> = {};
  for (let outcome = 400; outcome < outcomeCount; outcome++) {
    const count = sum(failedBy + outcome);
    if (count > 0) failed[failureReasonOf(outcome) ?? String(outcome)] = count;
  }
  return { requests: sum(0), failures: sum(1), failed };
}
