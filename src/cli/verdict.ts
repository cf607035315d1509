/** What a result set means for a script: the exit code of `run`. */

import { exitCodes } from "../errors.ts";
import { plannedRuns } from "../plan/steps.ts";
import { failuresOf } from "../result/failures.ts";
import type { MaxRate } from "../result/max-rate.ts";
import type { ResultSet, Run } from "../result/result.ts";
import type { Stop } from "../result/stop.ts";
import { rateReached } from "../result/warnings.ts";

export interface VerdictOptions {
  /** Failed requests that are tolerated, over all runs. */
  readonly maxFailures: number;
  /** Any warning makes the set untrusted. */
  readonly strict: boolean;
  /** A search that could not be decided is 0. */
  readonly allowInconclusive: boolean;
}

/**
 * The first that holds: 4 a thread died; 3 nothing ever answered; 1 a run ended by -abort-on or because its first
 * request failed; 130 runs are missing or were cut short; of a search 4 where the driver was the limit, 1 where no
 * rate held, 5 where the runs could not tell; 4 the driver did not reach the rate; 1 more failures than
 * tolerated; 4 strict, with warnings; 0. The driver's own shortfall comes before the
 * failures because it causes some (requests due and never sent).
 */
export function exitCodeOf(
  set: ResultSet,
  { maxFailures, strict, allowInconclusive }: VerdictOptions,
): number {
  const { runs } = set;
  const stops = new Set(runs.map(({ stop }) => stop?.code));
  if (stops.has("thread-died")) return exitCodes.untrusted;
  const aborted = stops.has("abort-on") || stops.has("initial-error");
  if (!aborted && isCutShort(set)) return exitCodes.interrupted;
  if (runs.every(({ actual }) => actual.requests === 0)) return exitCodes.environment;
  if (aborted) return exitCodes.no;
  if (set.plan.search !== null) return codeOfSearch(set.maxRates, allowInconclusive);
  if (runs.some(driverFellShort)) return exitCodes.untrusted;
  const failures = runs.reduce((sum, run) => sum + failuresOf(run), 0);
  if (failures > maxFailures) return exitCodes.no;
  if (strict && runs.some(({ warnings }) => warnings.length > 0)) return exitCodes.untrusted;
  return exitCodes.done;
}

/** Whether a run ended all of it: the others were never made, and there may be none to judge. */
export function endedEarly({ runs }: Pick<ResultSet, "runs">): boolean {
  return runs.some(({ stop }) => stop !== null && endings.has(stop.code));
}

const endings: ReadonlySet<Stop["code"]> = new Set(["thread-died", "abort-on", "initial-error"]);

/** A search goes beyond what holds: failures and shortfalls of a run are what it looks for. */
function codeOfSearch(maxRates: readonly MaxRate[], allowInconclusive: boolean): number {
  if (maxRates.some(({ end }) => end === "driver-saturated")) return exitCodes.untrusted;
  if (maxRates.some(({ qps, end }) => qps === null && end !== "undecided")) return exitCodes.no;
  const isOpen = maxRates.some(({ end }) => end === "undecided");
  return isOpen && !allowInconclusive ? exitCodes.inconclusive : exitCodes.done;
}

// With -t 0 and without -n the interruption is the planned end of a load that has begun.
function isCutShort({ plan, runs, maxRates }: ResultSet): boolean {
  if (maxRates.some(({ end }) => end === "unfinished")) return true;
  const endless = plan.load.durationUs === 0 && plan.load.exactly === null;
  if (runs.length < plannedRuns(plan)) return true;
  return runs.some(({ state, latency }) => state === "interrupted" && !(endless && latency.count > 0));
}

// Where the target was too slow as well, the shortfall is not the driver's alone to answer for.
function driverFellShort({ requested, actual, failures, warnings }: Run): boolean {
  const codes = new Set(warnings.map(({ code }) => code));
  if (!codes.has("driver-saturated") || codes.has("behind-schedule")) return false;
  const { "http-error": _answered = 0, "never-sent": _unsent = 0, ...unanswered } = failures;
  const sentQps = actual.qps + sum(Object.values(unanswered)) / actual.durationS;
  return sentQps < rateReached * requested.qps;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
