/** What ends a load before its time: an outcome that was not to be. */

import type { LoadPlan } from "../plan/plan.ts";
import { failureReasonOf, outcomeOf } from "../result/load.ts";
import type { Stop } from "../result/stop.ts";

/** Fortio's code for a request without response. */
const noResponse = -1;

// They come of ending, and must not be the cause of it.
const endings = new Set([outcomeOf("unfinished"), outcomeOf("never-sent")]);

/** Why a load must end now that a request had this outcome (`first`: no request ended before it); `null`: it goes on. */
export function stopBy(
  outcome: number,
  { first, load }: { first: boolean; load: Pick<LoadPlan, "abortOn" | "allowInitialErrors"> },
): Stop | null {
  const reason = failureReasonOf(outcome);
  if (endings.has(outcome)) return null;
  if (load.abortOn === (reason === undefined ? outcome : noResponse))
    return { code: "abort-on", message: `${whatHappened(outcome)}, and -abort-on ${load.abortOn} ends that` };
  if (first && outcome >= 400 && !load.allowInitialErrors)
    return {
      code: "initial-error",
      message: `the very first request failed (${whatHappened(outcome)}); -allow-initial-errors goes on`,
    };
  return null;
}

function whatHappened(outcome: number): string {
  return failureReasonOf(outcome) ?? `status ${outcome}`;
}
