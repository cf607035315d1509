/**
 * The sender's thread: sleeps until a request is due, and writes it to its connection's descriptor.
 * Hot path: no allocation.
 */

import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { monotonicUs } from "../clock.ts";
import { createSchedule } from "../plan/schedule.ts";
import { PunctualSleep, sleepExactly } from "./exact-sleep.ts";
import { append, waitForRoom } from "./hand-over.ts";
import { borrow, giveBack, hold, inFlight, shaped } from "./lent-slots.ts";
import { rehearseSending } from "./rehearse-sending.ts";
import { signal } from "./sender.ts";
import type { SenderPlan } from "./sender.ts";

// At high rates one wake serves several requests: a timed wake costs some 30 µs of CPU however short the sleep.
const shortestSleepUs = 100;

/** Handed over instead of an intended start: the request has been begun, and the driver writes the rest. */
const begun = NaN;

const received = workerData as SenderPlan;
// Of the same shape as the slots of the rehearsal: code compiled for one shape is thrown away at the next.
const plan = { ...received, slots: shaped(received.slots) };
const { signals, port } = plan;

sleepExactly();
const sleep = new PunctualSleep(signals, signal.stop);
rehearseSending(plan, sendAll);
signals[signal.skipped] = sendAll(plan);
// Seen at the next turn. A message, or the end of this thread, would take the processor while responses are awaited.
Atomics.store(signals, signal.ended, 1);
if (Atomics.load(signals, signal.stop) === 1) port.postMessage(0);
Atomics.wait(signals, signal.stop, 0);
port.close();

/** Sends until the schedule ends or somebody ends it; returns how many requests were skipped. */
function sendAll(load: SenderPlan): number {
  const { startAtUs } = load;
  const schedule = createSchedule(load.schedule);
  let skipped = 0;
  let soonestUs = -Infinity;
  while (schedule.dueUs < Infinity) {
    sleep.until(Math.max(startAtUs + schedule.dueUs, soonestUs));
    soonestUs = monotonicUs() + shortestSleepUs;
    do {
      if (Atomics.load(signals, signal.stop) === 1) return skipped;
      if (!send(load, schedule.slot, startAtUs + schedule.dueUs)) skipped++;
      schedule.advance();
    } while (startAtUs + schedule.dueUs <= monotonicUs());
  }
  return skipped;
}

/** Sends a request or hands it over; false where it is skipped. */
function send(load: SenderPlan, slot: number, dueUs: number): boolean {
  const { slots, nocatchup } = load;
  if (borrow(slots, slot)) write(load, slot, dueUs);
  else if (nocatchup && inFlight(slots, slot)) return false;
  else {
    giveToDriver(load, slot, dueUs);
    // It may have become free since; looked at after the request was handed over, so that one side always sees the other.
    if (!inFlight(slots, slot)) wakeDriver();
  }
  return true;
}

function write(load: SenderPlan, slot: number, dueUs: number): void {
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

function giveToDriver({ handOver }: SenderPlan, slot: number, dueUs: number): void {
  while (!append(handOver, slot, dueUs)) {
    wakeDriver();
    waitForRoom(handOver);
  }
}

function wakeDriver(): void {
  if (Atomics.exchange(signals, signal.wake, 1) === 0) port.postMessage(0);
}
