/** Checks the dose against the worker's identity: a tail that stays with one worker whatever it holds is not skew. */

import type { Warning } from "../result/warnings.ts";
import { createWarning } from "../result/warnings.ts";
import type { ShapeFit } from "./dose-response.ts";
import { atSlope } from "./profile.ts";
import { beyondLog } from "./tail-curve.ts";

/** A worker in a run: its tail once its load is accounted for, in requests beyond the run's rescaled tail. */
interface Leftover {
  readonly worker: number;
  readonly x: number;
  readonly seen: number;
  readonly expected: number;
}

const leastRuns = 4;
/** So much more tail than its load explains. */
const leastLift = 1.5;
/** Beyond chance: a t statistic this large over runs is rarer than 1 in 1000 from 8 runs on. */
const leastT = 4.5;
/** A load that no skew explains. */
const lightLoad = 1.1;

/** A warning for each worker whose tail follows it and not its load, over at least four runs. */
export function unevenWorkers({ profiles, slopes, slope }: ShapeFit, tailQuantile: number): Warning[] {
  const leftovers = profiles.flatMap(({ dose, perSlope, logTail }): Leftover[] => {
    const tailRequests = (1 - tailQuantile) * dose.requests;
    const at = atSlope(logTail, slopes, slope);
    if (dose.workers.length < 2) return [];
    return dose.workers.map(({ id, x, share, curve }, w) => ({
      worker: id,
      x,
      seen: beyondLog(curve, at + slope * perSlope[w]!),
      expected: share * tailRequests,
    }));
  });
  return [...Map.groupBy(leftovers, ({ worker }) => worker)].flatMap(([worker, own]) => {
    const light = own.filter(({ x }) => x <= lightLoad);
    if (own.length < leastRuns || light.length < 2 || tOf(own) < leastT) return [];
    const lift = Math.min(liftOf(own), liftOf(light));
    if (lift < leastLift) return [];
    return [
      createWarning(
        "worker-uneven",
        `worker_${worker} has ${lift.toFixed(1)} times the tail that its load explains, in ${own.length} runs, ` +
          `in ${light.length} of them with no more than its share of the load`,
      ),
    ];
  });
}

function liftOf(own: readonly Leftover[]): number {
  const expected = own.reduce((sum, one) => sum + one.expected, 0);
  return expected === 0 ? 1 : own.reduce((sum, one) => sum + one.seen, 0) / expected;
}

/** Student's t over runs of the log lift, with half a request added so that none is infinite. */
function tOf(own: readonly Leftover[]): number {
  const logs = own.map(({ seen, expected }) => Math.log((seen + 0.5) / (expected + 0.5)));
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1);
  return mean / Math.sqrt(Math.max(variance, 1e-12) / logs.length);
}
