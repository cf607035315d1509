/** How the connections are opened that are kept: one at a time, or at a rate, over all threads. */

import { setTimeout as sleep } from "node:timers/promises";
import { monotonicUs } from "../clock.ts";
import { rateCurveOf } from "../plan/schedule.ts";
import type { LoadPlan } from "../plan/plan.ts";
import type { ScheduleSpec } from "../plan/schedule.ts";
import type { LoadConnection } from "../result/load.ts";

interface Opener {
  /** It opens without delay. */
  readonly up: Promise<void>;
  /** Opens the connection of a slot: tells it, or `null` where it could not be opened. */
  openSlot(slot: number): Promise<LoadConnection | null>;
}

/** The slots of a thread whose connections take part from the beginning, by their numbers within it. */
export function slotsAtFirst(schedule: ScheduleSpec): number[] {
  const atFirst = rateCurveOf(schedule).connectionsAt(0);
  return [...schedule.positions.keys()].filter((slot) => schedule.positions[slot]![0]! < atFirst);
}

/** The same of all threads, by their numbers over all. */
export function allSlotsAtFirst(schedules: readonly ScheduleSpec[]): number[] {
  return schedules
    .flatMap((schedule) => slotsAtFirst(schedule).map((local) => local * schedules.length + schedule.thread))
    .sort((a, b) => a - b);
}

/**
 * Opens the connections of these slots in their order, and no more after an abort. Serially, `afterEach` is done with one
 * before the next is opened; a burst is the threads' own doing.
 */
export async function openInTurn(
  threads: readonly Opener[],
  { connect, slots, signal }: { connect: LoadPlan["connect"]; slots: readonly number[]; signal: AbortSignal },
  afterEach: (connection: LoadConnection) => Promise<void>,
): Promise<void> {
  const open = (slot: number): Promise<LoadConnection | null> =>
    threads[slot % threads.length]!.openSlot(Math.floor(slot / threads.length));
  // Threads that are still starting would open in a burst what was told them meanwhile.
  await Promise.all(threads.map((thread) => thread.up));
  const startUs = monotonicUs();
  const opening: Promise<unknown>[] = [];
  for (const [i, slot] of slots.entries()) {
    if (signal.aborted) break;
    if (connect === "serial") {
      const connection = await open(slot);
      if (connection !== null) await afterEach(connection);
    } else {
      const aheadMs = (startUs + (i * 1e6) / Number(connect) - monotonicUs()) / 1e3;
      // What is due within the millisecond goes at once: timers count whole ones.
      if (aheadMs > 1) await sleep(aheadMs, undefined, { signal }).catch(() => {});
      if (!signal.aborted) opening.push(open(slot));
    }
  }
  await Promise.all(opening);
}
