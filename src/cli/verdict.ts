/** What a result set means for a script: the exit code of `run`. */

import { exitCodes } from "../errors.ts";
import { isErrorStatus } from "../result/load.ts";
import type { ResultSet, Run } from "../result/result.ts";

export interface VerdictOptions {
  /** Failed requests that are tolerated, over all runs. */
  readonly maxFailures: number;
  /** Any warning makes the set untrusted. */
  readonly strict: boolean;
}

/** Under this share of the asked rate the load was another one. */
const rateReached = 0.99;

/**
 * The first that holds: 130 runs are missing or were cut short; 3 nothing ever answered; 4 the driver did not reach
 * the rate; 1 more failures than tolerated; 4 strict, with warnings; 0. The driver's own shortfall comes before the
 * failures because it causes some (requests due and never sent).
 */
export function exitCodeOf(set: ResultSet, { maxFailures, strict }: VerdictOptions): number {
  const { runs } = set;
  if (isCutShort(set)) return exitCodes.interrupted;
  if (runs.every(({ actual }) => actual.requests === 0)) return exitCodes.environment;
  if (runs.some(driverFellShort)) return exitCodes.untrusted;
  const failures = runs.reduce((sum, run) => sum + failuresOf(run), 0);
  if (failures > maxFailures) return exitCodes.no;
  if (strict && runs.some(({ warnings }) => warnings.length > 0)) return exitCodes.untrusted;
  return exitCodes.done;
}

/** Failed requests, and complete responses of status 400 or above. */
export function failuresOf({ failures, statuses }: Pick<Run, "failures" | "statuses">): number {
  const errors = Object.entries(statuses).filter(([status]) => isErrorStatus(Number(status)));
  return sum(Object.values(failures)) + sum(errors.map(([, count]) => count));
}

// With -t 0 and without -n the interruption is the planned end.
function isCutShort({ plan, runs }: ResultSet): boolean {
  const endless = plan.load.durationUs === 0 && plan.load.exactly === null;
  if (runs.length < plan.targets.length * plan.repetitions) return true;
  return !endless && runs.some(({ state }) => state === "interrupted");
}

function driverFellShort({ requested, actual, failures, warnings }: Run): boolean {
  if (!warnings.some(({ code }) => code === "driver-saturated")) return false;
  const sent = actual.requests + sum(Object.values(failures)) - (failures["never-sent"] ?? 0);
  return sent / actual.durationS < rateReached * requested.qps;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
