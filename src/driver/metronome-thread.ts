/** The metronome's thread: sleeps until a request is due, wakes the driver thread if it has not fired it by then. */

import { workerData } from "node:worker_threads";
import { monotonicUs } from "../clock.ts";
import { createSchedule } from "../plan/schedule.ts";
import { sleepExactly, sleepUntil } from "./exact-sleep.ts";
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
    sleepUntil(startAtUs + Math.max(schedule.dueUs, soonestUs), signals, 1);
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
