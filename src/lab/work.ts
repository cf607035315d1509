/** The lab's work: CPU burned on each request, the stand-in for real filters. Pure: costs in, turns of the loop out. */

import type { LabPlan } from "../plan/plan.ts";
import type { Work } from "../result/result.ts";

/** What `auto` makes of one worker that holds every connection: busy enough to queue, not saturated. */
const busyShare = 0.82;

/** What a request costs a worker: of itself, and for each turn of the loop. */
export interface WorkCost {
  readonly baseUs: number;
  readonly turnUs: number;
}

export interface WorkWish {
  readonly workUs: LabPlan["workUs"];
  /** Requests a second of the load; 0 = as fast as it goes. */
  readonly qps: number;
}

/** Whether the plan asks for any work; without it nothing is calibrated. */
export function asksForWork({ workUs, qps }: WorkWish): boolean {
  return workUs === "auto" ? qps > 0 : workUs > 0;
}

/**
 * The turns that burn what was asked for. `auto` fills what the request's own cost leaves of 82 % of one core at
 * `qps`; where that is nothing, the work is 0.
 */
export function sizeWork({ workUs, qps }: WorkWish, { baseUs, turnUs }: WorkCost): Work {
  const wantedUs = workUs === "auto" ? Math.max(0, (busyShare * 1e6) / qps - baseUs) : workUs;
  const iterations = Math.round(wantedUs / turnUs);
  return { perRequestUs: iterations * turnUs, baseUs, iterations };
}

/**
 * Requests a second at which to measure a request's own cost. A worker that has requests waiting serves several for
 * one wake, and a wake is half of the cost, so it is measured at the load's rate: but not where one worker could not
 * follow, nor so slowly that it would take long (there the work dwarfs the difference).
 */
export function calibrationQps(qps: number, { baseUs, perRequestUs }: Work): number {
  return Math.min(Math.max(qps, 1000), (busyShare * 1e6) / (baseUs + perRequestUs));
}
