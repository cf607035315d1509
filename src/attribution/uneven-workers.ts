/** Checks the dose against the worker's identity: a tail that stays with one worker whatever it holds is not skew. */

import type { Warning } from "../result/warnings.ts";
import { createWarning } from "../result/warnings.ts";
import type { RunDose } from "./dose.ts";
import { beyondLog, pooledLogQuantile } from "./tail-curve.ts";

/** A worker in a run in which it held no more than its share. */
interface LightRun {
  readonly server: string;
  readonly worker: number;
  /** Its requests beyond the run's tail quantile, and how many a fair part would be. */
  readonly seen: number;
  readonly expected: number;
}

/** In these bounds of load (1: an equal share) skew gives a worker at most its part of the tail. */
const light = { from: 0.5, upTo: 1.05 } as const;
const leastLightRuns = 4;
const leastLift = 1.5;
/** Beyond chance over runs: with four runs p = 0.005, with ten 0.0003. */
const leastT = 5;

/** A warning for each worker that has more than its part of the tail in the runs in which its load cannot be why. */
export function unevenWorkers(doses: readonly RunDose[], tailQuantile: number): Warning[] {
  const several = doses.some(({ server }) => server !== doses[0]!.server);
  const byWorker = Map.groupBy(
    doses.flatMap((dose) => lightRuns(dose, tailQuantile)),
    ({ server, worker }) => `worker_${worker}${several ? ` (${server})` : ""}`,
  );
  return [...byWorker].flatMap(([worker, runs]) => {
    const expected = runs.reduce((sum, run) => sum + run.expected, 0);
    const lift = runs.reduce((sum, run) => sum + run.seen, 0) / expected;
    if (runs.length < leastLightRuns || lift < leastLift || tOf(runs) < leastT) return [];
    return [
      createWarning(
        "worker-uneven",
        `${worker} has ${lift.toFixed(1)} times its part of the tail in ${runs.length} runs in which it held no more than its share`,
      ),
    ];
  });
}

function lightRuns({ server, workers, requests }: RunDose, tailQuantile: number): LightRun[] {
  if (workers.length < 2) return [];
  const tailRequests = (1 - tailQuantile) * requests;
  const at = pooledLogQuantile(
    workers.map(({ curve }) => ({ curve, shift: 0 })),
    tailRequests,
  );
  return workers
    .filter(({ x }) => x >= light.from && x <= light.upTo)
    .map(({ id, share, curve }) => ({
      server,
      worker: id,
      seen: beyondLog(curve, at),
      expected: share * tailRequests,
    }));
}

/** Student's t over runs of the log lift, with half a request added so that none is infinite. */
function tOf(runs: readonly LightRun[]): number {
  const logs = runs.map(({ seen, expected }) => Math.log((seen + 0.5) / (expected + 0.5)));
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1);
  return mean / Math.sqrt(Math.max(variance, 1e-9) / logs.length);
}
