/** Where the tail sits: each worker's share of it, and how much likelier it is on the busiest than on the idlest. */

import type { Random } from "../random.ts";
import type { RunAttribution } from "../result/attribution.ts";
import type { Run } from "../result/result.ts";
import { intervalOf } from "../order-statistics.ts";
import { countBeyond, tailCurve } from "./tail-curve.ts";

export type TailRisk = Pick<RunAttribution, "perWorker" | "hotColdRisk" | "independentTailSamples">;

/** Describes the requests beyond the run's tail quantile of latency. Workers without a request have no risk. */
export function tailRiskOf(run: Run, { tailUs, random }: { tailUs: number; random: Random }): TailRisk {
  const workers = run.workers
    .map(({ id, latency }) => ({
      id,
      requests: latency.count,
      tail: countBeyond(tailCurve(latency), tailUs),
    }))
    .filter(({ requests }) => requests > 0);
  const requests = workers.reduce((sum, worker) => sum + worker.requests, 0);
  const tail = workers.reduce((sum, worker) => sum + worker.tail, 0);
  return {
    perWorker: workers.map((worker) => {
      const requestShare = worker.requests / requests;
      const tailShare = tail === 0 ? 0 : worker.tail / tail;
      return { worker: worker.id, requestShare, tailShare, lift: tailShare / requestShare };
    }),
    hotColdRisk: hotColdRiskOf(run, workers, random),
    independentTailSamples: independentTailSamples(run),
  };
}

interface WorkerTail {
  readonly id: number;
  readonly requests: number;
  readonly tail: number;
}

// Half a request more on both sides keeps a cold worker without any tail from an infinite ratio (J. Haldane, 1956).
const riskRatio = (hot: Omit<WorkerTail, "id">, cold: Omit<WorkerTail, "id">): number =>
  (hot.tail + 0.5) / (hot.requests + 1) / ((cold.tail + 0.5) / (cold.requests + 1));

/** Hottest and coldest are so by their load, never by their tail: choosing by the tail would find a ratio in noise. */
function hotColdRiskOf(run: Run, workers: readonly WorkerTail[], random: Random): TailRisk["hotColdRisk"] {
  if (workers.length < 2) return null;
  const byLoad = [...workers].sort((a, b) => b.requests - a.requests || a.id - b.id);
  const [hot, cold] = [byLoad[0]!, byLoad.at(-1)!];
  return { ratio: riskRatio(hot, cold), interval: riskInterval(run, { hot, cold }, random) };
}

const resamples = 400;

/**
 * A tail comes in bursts: a slow moment hits many connections, and a fixed schedule sends the same connections into the
 * same queue every c/qps seconds. So connections and seconds are both drawn again, and a block of a connection and a
 * second counts as often as the product says (A. Owen, Annals of Applied Statistics 1, 2007, "pigeonhole bootstrap").
 */
function riskInterval(
  run: Run,
  { hot, cold }: { hot: WorkerTail; cold: WorkerTail },
  random: Random,
): readonly [number, number] | null {
  const sides = [hot, cold].map(({ id }) => sideOf(run, id));
  const seconds = Math.ceil(run.actual.durationS);
  if (seconds < 2 || sides.some(({ requests }) => requests.length < 2)) return null;
  const draws: number[] = [];
  for (let draw = 0; draw < resamples; draw++) {
    const secondTimes = drawTimes(seconds, random);
    const [hotDrawn, coldDrawn] = sides.map(({ requests, blocks }) => {
      const times = drawTimes(requests.length, random);
      let [drawn, tail] = [0, 0];
      for (let i = 0; i < requests.length; i++) drawn += times[i]! * requests[i]!;
      // What began after the last whole second (a drain, a load by number) counts with the seconds' mean.
      for (const { at, second, slow } of blocks) tail += slow * times[at]! * (secondTimes[second] ?? 1);
      return { requests: drawn, tail };
    });
    draws.push(riskRatio(hotDrawn!, coldDrawn!));
  }
  return intervalOf(draws);
}

/** A worker's connections: requests of each, and the blocks of their tail by position. */
function sideOf(
  run: Run,
  worker: number,
): { requests: number[]; blocks: { at: number; second: number; slow: number }[] } {
  const connections = run.connections.filter(
    (one) => one.worker === worker && one.requests + one.failures > 0,
  );
  const positions = new Map(connections.map(({ id }, at) => [id, at]));
  return {
    requests: connections.map((one) => one.requests + one.failures),
    blocks: run.tail.blocks.flatMap(({ connection, second, requests }) => {
      const at = positions.get(connection);
      return at === undefined ? [] : [{ at, second, slow: requests }];
    }),
  };
}

/** How often each of `size` units is drawn when `size` are drawn with replacement. */
function drawTimes(size: number, random: Random): Uint16Array {
  const times = new Uint16Array(size);
  for (let i = 0; i < size; i++) times[Math.floor(random() * size)]!++;
  return times;
}

/**
 * The tail's requests divided by how much more they clump, on connections of one worker and in seconds, than
 * independent ones would (Kish's design effect, estimated as quasi-Poisson dispersion); at most one a block.
 */
function independentTailSamples(run: Run): number {
  const { blocks } = run.tail;
  const total = blocks.reduce((sum, { requests }) => sum + requests, 0);
  if (total === 0) return 0;
  const seconds = Array.from({ length: Math.max(1, Math.ceil(run.actual.durationS)) }, () => 0);
  for (const { second, requests } of blocks) if (second < seconds.length) seconds[second]! += requests;
  const byWorker = Map.groupBy(
    run.connections.filter(({ worker }) => worker !== null),
    ({ worker }) => worker,
  );
  const connections = [...byWorker.values()].map((members) =>
    members.map(({ tailRequests }) => tailRequests),
  );
  const clumping = 1 + Math.max(0, dispersion([seconds]) - 1) + Math.max(0, dispersion(connections) - 1);
  return Math.max(1, Math.min(blocks.length, Math.round(total / clumping)));
}

/** Σ(n − mean)²/mean over the degrees of freedom, each group about its own mean: 1 for independent events. */
function dispersion(groups: readonly (readonly number[])[]): number {
  let [squares, freedom] = [0, 0];
  for (const counts of groups) {
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    if (mean === 0 || counts.length < 2) continue;
    squares += counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    freedom += counts.length - 1;
  }
  return freedom === 0 ? 1 : squares / freedom;
}
