/**
 * Which of two skews the tail follows: that of connections or that of requests. Non-nested models of the same workers:
 * weighted least squares of a worker's log tail on its load by either count, one intercept a run, and the one that leaves
 * less unexplained, in resampled runs too (Q. Vuong, Econometrica 57, 1989, without its normal limit).
 */

import type { Random } from "../random.ts";
import { isSaturated, wasHeldUp } from "./dose.ts";
import type { RunDose, WorkerDose } from "./dose.ts";
import { leastResampled } from "./dose-response.ts";
import { response, varianceAt } from "./shape.ts";
import { leastPooled, pooledLogQuantile } from "./tail-curve.ts";

/** What the tail follows more closely; `null` where the runs cannot tell. */
export type Followed = "connections" | "requests" | null;

/** Sums over the workers of a run, about its own mean: of products of tail and load, and of squares of load. */
interface Moments {
  readonly group: string;
  readonly connections: { readonly product: number; readonly square: number };
  readonly requests: { readonly product: number; readonly square: number };
}

/** A tenth of an equal share: less between the two counts of a worker is no difference to learn from. */
const alikeWithin = 0.1;
const resamples = 1000;
const sure = 0.975;

/** Asks the runs whose workers' connections and requests differ; `doses` as `withBusyShare` made them. */
export function followedSkew(
  doses: readonly RunDose[],
  { tailQuantile, random }: { readonly tailQuantile: number; readonly random: Random },
): Followed {
  const telling = doses.filter((dose) => !isAlike(dose) && !wasHeldUp(dose));
  const runs = telling.map((dose) => momentsOf(dose, tailQuantile)).filter((moments) => moments !== null);
  if (runs.length < leastResampled) return null;
  let [connections, requests] = [0, 0];
  const groups = [...Map.groupBy(runs, ({ group }) => group).values()];
  for (let draw = 0; draw < resamples; draw++) {
    const drawn = groups.flatMap((members) =>
      members.map(() => members[Math.floor(random() * members.length)]!),
    );
    const byConnections = explained(drawn.map((run) => run.connections));
    const byRequests = explained(drawn.map((run) => run.requests));
    if (byConnections > byRequests) connections++;
    if (byRequests > byConnections) requests++;
  }
  if (requests >= sure * resamples) return "requests";
  return connections >= sure * resamples ? "connections" : null;
}

/** Whether every worker has as large a share of the connections as of the requests: they are one skew. */
export function isAlike({ workers }: RunDose): boolean {
  return workers.every(({ x, connectionX }) => Math.abs(x - connectionX) < alikeWithin);
}

/** Squares of the log tail that a load explains, where more of it means more tail. */
function explained(runs: readonly { readonly product: number; readonly square: number }[]): number {
  const product = runs.reduce((sum, run) => sum + run.product, 0);
  const square = runs.reduce((sum, run) => sum + run.square, 0);
  return product <= 0 ? 0 : product ** 2 / square;
}

function momentsOf(dose: RunDose, tailQuantile: number): Moments | null {
  const busyShare = dose.busyShare ?? 0;
  const shape = dose.busyShare === null ? "log-linear" : "queueing";
  const workers = dose.workers
    .filter((worker) => !isSaturated(worker, dose))
    .filter(({ curve }) => (1 - tailQuantile) * curve.count >= leastPooled);
  if (workers.length < 2) return null;
  const weights = workers.map(({ x }) => 1 / varianceAt({ x, busyShare }));
  const tails = workers.map(({ curve }) =>
    pooledLogQuantile([{ curve, shift: 0 }], (1 - tailQuantile) * curve.count),
  );
  const along = (loadOf: (worker: WorkerDose) => number): Moments["requests"] => {
    const loads = workers.map((worker) => response({ x: loadOf(worker), busyShare }, shape));
    const [meanLoad, meanTail] = [weightedMean(loads, weights), weightedMean(tails, weights)];
    let [product, square] = [0, 0];
    for (const [i, load] of loads.entries()) {
      product += weights[i]! * (load - meanLoad) * (tails[i]! - meanTail);
      square += weights[i]! * (load - meanLoad) ** 2;
    }
    return { product, square };
  };
  return {
    group: dose.group,
    connections: along(({ connectionX }) => connectionX),
    requests: along(({ x }) => x),
  };
}

function weightedMean(values: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return values.reduce((sum, value, i) => sum + weights[i]! * value, 0) / total;
}
