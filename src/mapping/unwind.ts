/**
 * Connection → worker by closing one connection at a time after the load and seeing whose count of active
 * connections drops. Needs only the admin, and does not disturb the placement, which is long decided.
 *
 *   excess = all that the listener counts − those of ours that are still open
 *
 * counts other clients' connections and closings of ours not yet processed, and neither can be negative. So where
 * the excess is 0 before and after a closing, the one count that dropped is ours for certain, whatever came and went
 * between. Where other clients hold connections it stays above 0, and a closing of theirs could pass for ours: then
 * every reading must show it constant and the listener must have accepted nobody meanwhile. A closing of theirs would
 * lower it for good, so there was none.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../errors.ts";
import { onlyChange, sumOf } from "./counts.ts";
import type { Counts, ReadCounts } from "./counts.ts";

export interface UnwindOptions {
  /** What to close, in this order. */
  readonly connections: readonly { readonly id: number }[];
  /** How many connections we hold on the listener, these included. */
  readonly open: number;
  readonly close: (id: number) => Promise<void>;
  /** The listener's `downstream_cx_active` of each worker, now. */
  readonly readActive: ReadCounts;
  /** Its `downstream_cx_total`; without it nothing is believed where other clients hold connections. */
  readonly readTotal: ReadCounts | null;
  readonly wait?: (ms: number) => Promise<unknown>;
}

export interface UnwindAnswer {
  /** Connection id → worker id. */
  readonly workerOf: ReadonlyMap<number, number>;
  /** Connections left out: their closing could not be told from another client's, or was not tried. */
  readonly unclear: number;
  /** Why some were left out, or `null`. */
  readonly obstacle: string | null;
}

interface Reading {
  readonly active: Counts;
  readonly excess: number;
}

/** Pauses before each poll. A closing shows at the first or second; 0.2 s in all bound what one may take. */
const patienceMs = [0, 0, 1, 1, 2, 5, 10, 20, 40, 60, 60];
/** After one that was never seen: the next is likely to be as unclear, and there may be thousands. */
const impatienceMs = [0, 1, 2];
/** Long after the last closing: by then it is counted. */
const lastLookMs = 60;

/**
 * Closes `connections` one by one. Rejects only where `close` does; an admin that fails ends it with an obstacle,
 * and the connections from there on stay open.
 */
export async function mapByUnwind(options: UnwindOptions): Promise<UnwindAnswer> {
  const { connections, close, readTotal } = options;
  const steps: { id: number; worker: number | null; excess: number }[] = [];
  const answer = (obstacle: string | null, believes: (excess: number) => boolean): UnwindAnswer => {
    const workerOf = new Map<number, number>();
    for (const { id, worker, excess } of steps)
      if (worker !== null && believes(excess)) workerOf.set(id, worker);
    return { workerOf, unclear: connections.length - workerOf.size, obstacle };
  };
  const poll = createPoll(options);
  const accepted = await sumOrNull(readTotal);
  let { open } = options;
  let before = await poll(open, 0, patienceMs);
  if (typeof before === "string") return answer(before, () => false);
  const held = before.excess;
  let lowest = held;
  let constant = true;
  for (const { id } of connections) {
    if (lowest < 0) break;
    await close(id);
    open -= 1;
    const after = await poll(open, held, before.excess === held ? patienceMs : impatienceMs);
    if (typeof after === "string") return answer(after, isNone);
    steps.push({ id, worker: onlyChange(before.active, after.active, -1), excess: after.excess });
    constant &&= after.excess === held;
    lowest = Math.min(lowest, after.excess);
    before = after;
  }
  const last = await poll(open, held, [held === 0 ? 0 : lastLookMs]);
  if (typeof last === "string") return answer(last, isNone);
  if (Math.min(lowest, last.excess) < 0)
    return answer("the listener counts fewer connections than we hold open", () => false);
  const quiet =
    constant && last.excess === held && accepted !== null && accepted === (await sumOrNull(readTotal));
  const left = answer(null, (excess) => excess === 0 || quiet);
  return left.unclear === 0 ? left : { ...left, obstacle: "other clients used the listener meanwhile" };
}

const isNone = (excess: number): boolean => excess === 0;

async function sumOrNull(read: ReadCounts | null): Promise<number | null> {
  return read === null ? null : read().then(sumOf, () => null);
}

/** Polls until the excess is down to `wanted` or patience ends; an error of the admin comes back as text. */
function createPoll({ readActive, wait = sleep }: UnwindOptions) {
  return async (open: number, wanted: number, pausesMs: readonly number[]): Promise<Reading | string> => {
    let reading: Reading | undefined;
    try {
      for (const pauseMs of pausesMs) {
        if (pauseMs > 0) await wait(pauseMs);
        const active = await readActive();
        reading = { active, excess: sumOf(active) - open };
        if (reading.excess <= wanted) break;
      }
    } catch (error) {
      return `the admin failed: ${messageOf(error)}`;
    }
    return reading ?? "the admin was never asked";
  };
}
