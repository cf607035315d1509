/**
 * A rehearsal of the sender before its load. Code that has never run is slow, and is compiled on the very processors that
 * the first requests need; and how long sleeps last beyond their time has to be learnt.
 */

import { closeSync, openSync, writeSync } from "node:fs";
import { devNull } from "node:os";
import { monotonicUs } from "../clock.ts";
import { createSchedule } from "../plan/schedule.ts";
import type { ScheduleSpec } from "../plan/schedule.ts";
import { Collector } from "./collector.ts";
import { takeDeliveries } from "./deliveries.ts";
import { openEchoSocket } from "./echo-socket.ts";
import { createLentSlots, lend } from "./lent-slots.ts";
import type { Libc } from "./libc.ts";
import { Readings } from "./readings.ts";
import type { Sending } from "./sender.ts";

/** What is sent to nowhere, one after the other. */
const parts: readonly { readonly requests: number; readonly qps: number }[] = [
  // So many that V8 has compiled what they use; so often, for the sake of what is called once a load.
  ...Array.from({ length: 20 }, () => ({ requests: 1000, qps: 1e6 })),
  // And what is called once a sleep.
  { requests: 300, qps: 8000 },
  // So many that the sleeps have learnt what is usual: the short ones, the long ones.
  { requests: 40, qps: 1000 },
  { requests: 24, qps: 400 },
];

const mostRequests = Math.max(...parts.map(({ requests }) => requests));

/** What is read from a socket that is connected to itself: so much that V8 has compiled it. */
const collected = 2000;

/** Between the end of the rehearsal and the load, at least. */
const marginUs = 20_000;

interface Rehearsal {
  readonly sendAll: (rehearsal: Sending) => void;
  /** `null` where the sender does not read. */
  readonly libc: Libc | null;
}

/** Sends to nowhere what `sendAll` would send to connections, as long as there is time before the load. */
export function rehearseSending(plan: Sending, { sendAll, libc }: Rehearsal): void {
  const endUs = plan.startAtUs - plan.schedule.warmupUs - marginUs;
  using collecting = libc === null ? null : rehearseCollecting(libc, endUs);
  const nowhere = openSync(devNull, "w");
  try {
    for (const { requests, qps } of parts) {
      walk(plan.schedule);
      const startAtUs = monotonicUs();
      const left = Math.floor(((endUs - startAtUs) * qps) / 1e6);
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
      sendAll({ ...plan, schedule, startAtUs, slots, collector: collecting?.collector ?? null });
    }
  } finally {
    closeSync(nowhere);
  }
}

function ignored(): void {
  // What a rehearsal reads is of no use.
}

/** Reads what a socket has sent to itself; the collector returned finds nothing more. */
function rehearseCollecting(libc: Libc, endUs: number): Disposable & { readonly collector: Collector } {
  const echo = openEchoSocket(libc);
  const readings = new Readings(libc, { slots: mostRequests, everyUs: 1e6, echo });
  const collector = new Collector(libc, readings.collecting);
  const most = echo >= 0 && readings.lend(0, echo) ? collected : 0;
  for (let read = 0; read < most && monotonicUs() < endUs; read++) {
    writeSync(echo, "?");
    collector.collect();
    takeDeliveries(readings.collecting.deliveries, ignored);
  }
  return { collector, [Symbol.dispose]: () => readings[Symbol.dispose]() };
}

/** The load's own schedule, whose object is of another shape than the rehearsal's: V8 is to know both. */
function walk(spec: ScheduleSpec): void {
  const schedule = createSchedule(spec);
  for (let steps = 0; steps < 100 && schedule.dueUs < Infinity; steps++) schedule.advance();
}
