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
import { borrow, giveBack, hold, inFlight } from "./lent-slots.ts";
import { signal } from "./sender.ts";
import type { SenderPlan } from "./sender.ts";

// At high rates one wake serves several requests: a timed wake costs some 30 µs of CPU however short the sleep.
const shortestSleepUs = 100;

/** Handed over instead of an intended start: the request has been begun, and the driver writes the rest. */
const begun = NaN;

const {
  schedule: spec,
  startAtUs,
  request,
  nocatchup,
  slots,
  handOver,
  port,
  signals,
} = workerData as SenderPlan;
let skipped = 0;

sleepExactly();
sendAll();
signals[signal.skipped] = skipped;
Atomics.store(signals, signal.ended, 1);
port.postMessage(0);
port.close();

function sendAll(): void {
  const schedule = createSchedule(spec);
  const sleep = new PunctualSleep(signals, signal.stop);
  let soonestUs = -Infinity;
  while (schedule.dueUs < Infinity) {
    sleep.until(Math.max(startAtUs + schedule.dueUs, soonestUs));
    soonestUs = monotonicUs() + shortestSleepUs;
    do {
      if (Atomics.load(signals, signal.stop) === 1) return;
      send(schedule.slot, startAtUs + schedule.dueUs);
      schedule.advance();
    } while (startAtUs + schedule.dueUs <= monotonicUs());
  }
}

function send(slot: number, dueUs: number): void {
  if (borrow(slots, slot)) write(slot, dueUs);
  else if (nocatchup && inFlight(slots, slot)) skipped++;
  else {
    giveToDriver(slot, dueUs);
    // It may have become free since; looked at after the request was handed over, so that one side always sees the other.
    if (!inFlight(slots, slot)) wakeDriver();
  }
}

function write(slot: number, dueUs: number): void {
  slots.dueUs[slot] = dueUs;
  slots.actedUs[slot] = monotonicUs();
  const written = writeSome(slots.descriptor[slot]!);
  if (written === 0) {
    hold(slots, slot);
    giveToDriver(slot, dueUs);
    wakeDriver();
    return;
  }
  slots.written[slot] = written;
  giveBack(slots, slot);
  if (written < request.length) {
    giveToDriver(slot, begun);
    wakeDriver();
  }
}

/** How many octets of the request the kernel took: all, but where the peer is gone or does not read. */
function writeSome(descriptor: number): number {
  try {
    return writeSync(descriptor, request);
  } catch {
    return 0;
  }
}

function giveToDriver(slot: number, dueUs: number): void {
  while (!append(handOver, slot, dueUs)) {
    wakeDriver();
    waitForRoom(handOver);
  }
}

function wakeDriver(): void {
  if (Atomics.exchange(signals, signal.wake, 1) === 0) port.postMessage(0);
}
