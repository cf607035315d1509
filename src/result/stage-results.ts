/** A load of stages, stage by stage: a quantile over rates that change says nothing of any of them. */

import type { Histogram } from "../histogram.ts";
import type { StagePlan } from "../plan/plan.ts";
import { toDistribution } from "./distribution.ts";
import type { Load, Samples } from "./load.ts";
import type { Distribution, StageResult } from "./result.ts";
import { hasCoarse } from "./series.ts";
import { countBy, sumOf, tallySamples } from "./tally.ts";

export interface StageParts {
  readonly load: Load;
  readonly stages: readonly StagePlan[];
  /** Ids of the workers, in the order of the groups. */
  readonly workers: readonly number[];
  /** Group of each connection row; those of no worker have the last. */
  readonly groupOf: Uint32Array;
  readonly percentiles: readonly number[];
}

/** The stages that the load came to. The last lasts as long as the load did, be it held until interrupted or cut short. */
export function stageResults({ load, stages, ...parts }: StageParts): StageResult[] {
  const { samples } = load;
  const counts = countBy(samples, "second", wholeSeconds(load.durationUs));
  const results: StageResult[] = [];
  let second = 0;
  for (const [i, { durationUs, ...asked }] of stages.entries()) {
    const startUs = second * 1e6;
    const lastedUs = Math.min(load.durationUs - startUs, i === stages.length - 1 ? Infinity : durationUs);
    const end = wholeSeconds(startUs + lastedUs);
    if (end <= second) break;
    results.push({
      second,
      seconds: Math.round(lastedUs) / 1e6,
      ...asked,
      requests: sum(counts.requests.subarray(second, end)),
      failures: sum(counts.failures.subarray(second, end)),
      ...distributionsOf(samples, [second, end], parts),
    });
    second = end;
  }
  return results;
}

/** A part of a second is one; a rounding error is none. */
const wholeSeconds = (us: number): number => Math.ceil(us / 1e6 - 1e-6);

type Distributions = Pick<StageResult, "latency" | "serviceTime" | "lag" | "workers">;

function distributionsOf(
  samples: Samples,
  [second, end]: readonly [number, number],
  { workers, groupOf, percentiles }: Pick<StageParts, "workers" | "groupOf" | "percentiles">,
): Distributions {
  for (let coarse = second; coarse < end; coarse++)
    if (hasCoarse(samples, coarse)) return { latency: null, serviceTime: null, lag: null, workers: [] };
  const { groups, lag } = tallySamples(between(samples, second, end), {
    groupOf,
    groups: workers.length + 1,
    frameUs: Infinity,
  });
  const distribute = (histogram: Histogram): Distribution => toDistribution(histogram, percentiles);
  return {
    latency: distribute(sumOf(groups.map(({ latency }) => latency))),
    serviceTime: distribute(sumOf(groups.map(({ serviceTime }) => serviceTime))),
    lag: distribute(lag),
    workers: workers.map((id, i) => {
      const { requests, failures, latency } = groups[i]!;
      return { id, requests, failures, latency: distribute(latency) };
    }),
  };
}

/** The kept samples whose intended start lies in these seconds. */
function between({ second: seconds, count, ...columns }: Samples, second: number, end: number): Samples {
  const rows = new Uint32Array(count);
  let own = 0;
  for (let row = 0; row < count; row++) if (seconds[row]! >= second && seconds[row]! < end) rows[own++] = row;
  const chosen = rows.subarray(0, own);
  return {
    count: own,
    latencyUs: Float32Array.from(chosen, (row) => columns.latencyUs[row]!),
    blockedUs: Float32Array.from(chosen, (row) => columns.blockedUs[row]!),
    lagUs: Float32Array.from(chosen, (row) => columns.lagUs[row]!),
    connection: Uint32Array.from(chosen, (row) => columns.connection[row]!),
    second: Uint32Array.from(chosen, (row) => seconds[row]!),
    outcome: Uint16Array.from(chosen, (row) => columns.outcome[row]!),
  };
}

const sum = (counts: Uint32Array): number => counts.reduce((total, count) => total + count, 0);
