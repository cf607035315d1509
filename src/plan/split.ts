/** A plan's connections dealt to driver threads. Nothing is lost to rounding: every grid position goes to one thread. */

import { seededRandom, shuffle } from "../random.ts";
import type { LoadPlan } from "./plan.ts";
import type { ScheduleSpec } from "./schedule.ts";

/**
 * One schedule a thread. The grid positions are shuffled by the run's seed before they are dealt: given out in accept
 * order they would space arrivals perfectly under exact_balance and clump them under the other modes.
 */
export function splitSchedule(load: LoadPlan, seed: number): ScheduleSpec[] {
  const positions = shuffle(
    Array.from({ length: load.connections }, (_, position) => position),
    seededRandom(seed, "slots"),
  );
  return Array.from({ length: load.threads }, (_, thread) => ({
    qps: load.qps,
    connections: load.connections,
    stages: load.stages,
    positions: positions.filter((_, connection) => connection % load.threads === thread),
    durationUs: load.durationUs === 0 ? Infinity : load.durationUs,
    limit: load.exactly ?? Infinity,
    warmupUs: load.warmupUs,
    arrivals: load.arrivals,
    uniform: load.uniform,
    jitter: load.jitter,
    seed,
    thread,
  }));
}
