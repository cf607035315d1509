/**
 * Connection → worker by opening one connection at a time and seeing whose count of accepted connections rises.
 * Exact, but the placement is not the one that a burst would have got: for inspection more than for measurement.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../errors.ts";
import { onlyChange, sumOf } from "./counts.ts";
import type { Counts, ReadCounts } from "./counts.ts";

export interface SerialMapper {
  /** To be waited for after each connection that was opened, before the next. */
  opened(connection: { readonly id: number }): Promise<void>;
  /** After the last one, before the load: connection id → worker id. What is not certain is left out. */
  settle(): Promise<SerialAnswer>;
}

export interface SerialAnswer {
  readonly workerOf: ReadonlyMap<number, number>;
  /** Why some were left out, or `null`. */
  readonly obstacle: string | null;
}

/** What was counted before and after connection `id` was opened. */
interface Opening {
  readonly id: number;
  readonly before: Counts;
  readonly after: Counts;
}

const patienceMs = [0, 0, 1, 1, 2, 5, 10, 20, 40, 60, 60];

/**
 * Watches connections being opened one at a time; `readTotal` gives the listener's `downstream_cx_total` of each worker.
 * An admin that fails ends in an obstacle, never in a throw.
 */
export async function startSerial({
  readTotal,
  wait = sleep,
}: {
  readonly readTotal: ReadCounts;
  readonly wait?: (ms: number) => Promise<unknown>;
}): Promise<SerialMapper> {
  const openings: Opening[] = [];
  let obstacle: string | null = null;
  const read = async (): Promise<Counts> =>
    readTotal().catch((error: unknown) => {
      obstacle = `the admin failed: ${messageOf(error)}`;
      return new Map();
    });
  let before = await read();
  return {
    async opened({ id }) {
      let after = before;
      for (const pauseMs of patienceMs) {
        if (obstacle !== null || sumOf(after) > sumOf(before)) break;
        if (pauseMs > 0) await wait(pauseMs);
        after = await read();
      }
      openings.push({ id, before, after });
      before = after;
    },
    async settle() {
      await wait(20); // far longer than an accept waits to be counted
      const last = await read();
      if (obstacle !== null) return { workerOf: new Map(), obstacle };
      const workerOf = decideSerial(openings, last);
      const all = workerOf.size === openings.length;
      return { workerOf, obstacle: all ? null : "other clients opened connections meanwhile" };
    },
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
