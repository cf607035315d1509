/**
 * Connection → worker by opening one connection at a time and seeing whose count of accepted connections rises.
 * Exact, but the placement is not the one that a burst would have got: for inspection more than for measurement.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../errors.ts";
import { onlyChange, sumOf } from "./counts.ts";
import type { Counts, ReadCounts } from "./counts.ts";

export interface SerialOptions {
  /** How many to open. */
  readonly count: number;
  /** Opens the next connection and gives its id once it stands. */
  readonly openNext: () => Promise<number>;
  /** The listener's `downstream_cx_total` of each worker, now. */
  readonly readTotal: ReadCounts;
  readonly wait?: (ms: number) => Promise<unknown>;
}

/** What was counted before and after connection `id` was opened. */
interface Opening {
  readonly id: number;
  readonly before: Counts;
  readonly after: Counts;
}

const patienceMs = [0, 0, 1, 1, 2, 5, 10, 20, 40, 60, 60];

/**
 * Opens `count` connections one by one, connection id → worker id. All are opened, also where the admin fails: what is
 * not certain is left out. Rejects only where `openNext` does.
 */
export async function mapBySerial(options: SerialOptions): Promise<{
  readonly workerOf: ReadonlyMap<number, number>;
  readonly obstacle: string | null;
}> {
  const { count, openNext, readTotal, wait = sleep } = options;
  const openings: Opening[] = [];
  let obstacle: string | null = null;
  const read = async (): Promise<Counts> =>
    readTotal().catch((error: unknown) => {
      obstacle = `the admin failed: ${messageOf(error)}`;
      return new Map();
    });
  let before = await read();
  for (let opened = 0; opened < count; opened++) {
    const id = await openNext();
    let after = before;
    for (const pauseMs of patienceMs) {
      if (obstacle !== null || sumOf(after) > sumOf(before)) break;
      if (pauseMs > 0) await wait(pauseMs);
      after = await read();
    }
    openings.push({ id, before, after });
    before = after;
  }
  await wait(20); // far longer than an accept waits to be counted
  const last = await read();
  if (obstacle !== null) return { workerOf: new Map(), obstacle };
  const workerOf = decideSerial(openings, last);
  return {
    workerOf,
    obstacle: workerOf.size === count ? null : "other clients opened connections meanwhile",
  };
}

/**
 * Totals only grow, so what they grew beyond our openings is other clients' doing, at most hidden for a while by
 * openings of ours that are not counted yet. Where that excess already is what it ends at, nothing was hidden and
 * no other client came after: there the one count that rose is ours for certain.
 */
function decideSerial(openings: readonly Opening[], last: Counts): Map<number, number> {
  const workerOf = new Map<number, number>();
  const excess = sumOf(last) - openings.length;
  for (const [position, { id, before, after }] of openings.entries()) {
    if (sumOf(before) - position !== excess || sumOf(after) - position - 1 !== excess) continue;
    const worker = onlyChange(before, after, 1);
    if (worker !== null) workerOf.set(id, worker);
  }
  return workerOf;
}
