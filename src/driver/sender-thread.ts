/**
 * The sender's thread: sleeps until a request is due, writes it to its connection's descriptor, and reads what has come
 * meanwhile.
 * Hot path: no allocation.
 */

import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { monotonicUs } from "../clock.ts";
import { createSchedule } from "../plan/schedule.ts";
import { Collector } from "./collector.ts";
import { PunctualSleep, sleepExactly } from "./exact-sleep.ts";
import { append, waitForRoom } from "./hand-over.ts";
import { borrow, giveBack, hold, inFlight, shaped } from "./lent-slots.ts";
import { loadLibc } from "./libc.ts";
import { rehearseSending } from "./rehearse-sending.ts";
import { signal } from "./sender.ts";
import type { SenderPlan, Sending } from "./sender.ts";

// At high rates one wake serves several requests: a timed wake costs some 30 µs of CPU however short the sleep.
const shortestSleepUs = 100;

/** Handed over instead of an intended start: the request has been begun, and the driver writes the rest. */
const begun = NaN;

/** Before a request nothing is collected. */
const untroubledUs = 1000;

/** Between looks for the end of the load, once all is sent. */
const drainTurnMs = 10;

sleepExactly();
const { collecting, ...received } = workerData as SenderPlan;
const libc = collecting === null ? null : loadLibc()!;
const collector = libc === null ? null : new Collector(libc, collecting!);
// Of the same shape as the slots of the rehearsal: code compiled for one shape is thrown away at the next.
const plan: Sending = { ...received, slots: shaped(received.slots), collector };
const { signals, port } = plan;
const sleep = new PunctualSleep(rest, signals, signal.stop);
rehearseSending(plan, { sendAll, libc });
signals[signal.skipped] = sendAll(plan);
// After a stop the driver reads: at the times of its own.
collector?.collect();
// Seen at the next turn. A message, or the end of this thread, would take the processor while responses are awaited.
Atomics.store(signals, signal.ended, 1);
if (Atomics.load(signals, signal.stop) === 1) port.postMessage(0);
if (collector !== null) drain(collector);
Atomics.wait(signals, signal.stop, 0);
port.close();

/** Sleeps so long at most; a stop ends it, at the latest after the next collecting. */
function rest(us: number): void {
  if (collector === null) Atomics.wait(signals, signal.stop, 0, us / 1e3);
  else if (collector.rest(us)) wakeDriver();
}

/** Collects until the load is over. */
function drain(collects: Collector): void {
  while (Atomics.load(signals, signal.stop) === 0)
    if (collects.collect(drainTurnMs)) wakeDriver();
    // The driver has yet to take what there is no room for, or is not ours any more.
    else Atomics.wait(signals, signal.stop, 0, 1);
}

/** Sends until the schedule ends or somebody ends it; returns how many requests were skipped. */
function sendAll(load: Sending): number {
  const { startAtUs, collector } = load;
  const schedule = createSchedule(load.schedule);
  let skipped = 0;
  let soonestUs = -Infinity;
  let collectUs = -Infinity;
  while (schedule.dueUs < Infinity) {
    const dueUs = Math.max(startAtUs + schedule.dueUs, soonestUs);
    if (collector !== null && collectUs < dueUs - untroubledUs) {
      rest(Math.max(0, collectUs - monotonicUs()));
      collectUs = collectAt(collector);
      if (Atomics.load(signals, signal.stop) === 1) return skipped;
      continue;
    }
    sleep.until(dueUs);
    soonestUs = monotonicUs() + shortestSleepUs;
    do {
      if (Atomics.load(signals, signal.stop) === 1) return skipped;
      if (!send(load, schedule.slot, startAtUs + schedule.dueUs)) skipped++;
      schedule.advance();
    } while (startAtUs + schedule.dueUs <= monotonicUs());
    // Now, for the next request is furthest: neither we nor the driver will be in its way.
    if (collector !== null && collectUs <= soonestUs) collectUs = collectAt(collector);
  }
  return skipped;
}

/** Collects, and returns when to do so again. */
function collectAt(collector: Collector): number {
  if (collector.collect()) wakeDriver();
  return monotonicUs() + collector.everyUs;
}

/** Sends a request or hands it over; false where it is skipped. */
function send(load: Sending, slot: number, dueUs: number): boolean {
  const { slots, nocatchup, collector } = load;
  if (borrow(slots, slot)) write(load, slot, dueUs);
  else if (nocatchup && inFlight(slots, slot)) return false;
  else {
    // The response that it waits for may be there.
    const collected = collector !== null && collector.collect();
    giveToDriver(load, slot, dueUs);
    // It may have become free since; looked at after the request was handed over, so that one side always sees the other.
    if (collected || !inFlight(slots, slot)) wakeDriver();
  }
  return true;
}

function write(load: Sending, slot: number, dueUs: number): void {
  const { slots, request } = load;
  slots.dueUs[slot] = dueUs;
  slots.actedUs[slot] = monotonicUs();
  const written = writeSome(slots.descriptor[slot]!, request);
  if (written === 0) {
    hold(slots, slot);
    giveToDriver(load, slot, dueUs);
    wakeDriver();
    return;
  }
  slots.written[slot] = written;
  giveBack(slots, slot);
  if (written < request.length) {
    giveToDriver(load, slot, begun);
    wakeDriver();
  }
}

/** How many octets of the request the kernel took: all, but where the peer is gone or does not read. */
function writeSome(descriptor: number, request: Uint8Array): number {
  try {
    return writeSync(descriptor, request);
  } catch {
    return 0;
  }
}

function giveToDriver({ handOver }: Sending, slot: number, dueUs: number): void {
  while (!append(handOver, slot, dueUs)) {
    wakeDriver();
    waitForRoom(handOver);
  }
}

function wakeDriver(): void {
  if (Atomics.exchange(signals, signal.wake, 1) === 0) port.postMessage(0);
}
