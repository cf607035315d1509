/**
 * A rehearsal of the sender before its load. Code that has never run is slow, and is compiled on the very processors that
 * the first requests need; and how long sleeps last beyond their time has to be learnt.
 */

import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";
import { monotonicUs } from "../clock.ts";
import { createLentSlots, lend } from "./lent-slots.ts";
import type { SenderPlan } from "./sender.ts";

/** So many that V8 has compiled what they use. */
const compiling = { requests: 1000, qps: 1e6 };
/** So many that the sleep has learnt what is usual. */
const sleeping = { requests: 40, qps: 1000 };

/** Between the end of the rehearsal and the load, at least. */
const marginUs = 20_000;

/** Sends to nowhere what `sendAll` would send to connections, as long as there is time before the load. */
export function rehearseSending(plan: SenderPlan, sendAll: (rehearsal: SenderPlan) => void): void {
  const firstDueUs = plan.startAtUs - plan.schedule.warmupUs;
  const nowhere = openSync(devNull, "w");
  try {
    for (const { requests, qps } of [compiling, sleeping]) {
      const startAtUs = monotonicUs();
      const left = Math.floor(((firstDueUs - marginUs - startAtUs) * qps) / 1e6);
      const limit = Math.min(requests, left);
      if (limit <= 0) return;
      const slots = createLentSlots(limit);
      for (let slot = 0; slot < limit; slot++) lend(slots, slot, nowhere);
      const schedule = {
        ...plan.schedule,
        qps,
        cycle: limit,
        stages: [],
        positions: Array.from({ length: limit }, (_, slot) => [slot]),
        durationUs: Infinity,
        limit,
        warmupUs: 0,
        arrivals: "fixed" as const,
        uniform: true,
        jitter: false,
      };
      sendAll({ ...plan, schedule, startAtUs, slots });
    }
  } finally {
    closeSync(nowhere);
  }
}
