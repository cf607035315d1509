/** The metronome's thread: sleeps until a request is due, wakes the driver thread if it has not fired it by then. */

import { readlinkSync, writeFileSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { monotonicUs } from "../clock.ts";
import { createSchedule } from "../plan/schedule.ts";
import type { MetronomePlan } from "./metronome.ts";

// At high rates one wake serves several requests: a timed wake costs some 30 µs of CPU however short the sleep.
const shortestSleepUs = 100;

const { schedule: spec, startAtUs, port, passed, signals } = workerData as MetronomePlan;

sleepExactly();
beat();
port.close();

function beat(): void {
  const schedule = createSchedule(spec);
  let soonestUs = -Infinity;
  while (schedule.dueUs < Infinity) {
    sleepUntil(startAtUs + Math.max(schedule.dueUs, soonestUs));
    if (Atomics.load(signals, 1) === 1) return;
    // Reading may have given the pacer its turn just now; and a wake that is under way serves this start as well.
    const fired = Atomics.load(passed, 0) > schedule.passed;
    if (!fired && Atomics.exchange(signals, 0, 1) === 0) port.postMessage(0);
    const nowUs = monotonicUs() - startAtUs;
    do schedule.advance();
    while (schedule.dueUs <= nowUs);
    soonestUs = nowUs + shortestSleepUs;
  }
}

function sleepUntil(atUs: number): void {
  const leftUs = atUs - monotonicUs();
  if (leftUs > 0) Atomics.wait(signals, 1, 0, leftUs / 1e3);
}

/** Linux lets timers of ordinary threads fire up to 50 µs late so that wakes coalesce; ask for 1 ns instead. */
function sleepExactly(): void {
  try {
    const [, , threadId] = readlinkSync("/proc/thread-self").split("/");
    writeFileSync(`/proc/${threadId}/timerslack_ns`, "1");
  } catch {
    // Not Linux, or not allowed: wakes are then some 50 µs later, which the lag shows.
  }
}
