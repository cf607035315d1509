/** Whether the runs of a search have the requests that its objectives need, and at which rates they have them. */

import { impossible } from "../plan/impossible.ts";
import type { LoadPlan, SearchPlan } from "../plan/plan.ts";
import { samplesNeeded } from "../result/tail-samples.ts";
import { percentileName } from "../units.ts";
import type { Gate } from "./gate.ts";

type Amount = Pick<LoadPlan, "qps" | "durationUs" | "exactly">;

/** @throws MeshLoadError PLAN_IMPOSSIBLE where the first rate leaves its runs with too few: lower ones have fewer still */
export function demandSamples(objectives: readonly Gate[], { qps, durationUs, exactly }: Amount): void {
  const { name, needed } = needOf(objectives);
  const durationS = durationUs / 1e6;
  const given = exactly ?? Math.floor(qps * durationS);
  if (given >= needed) return;
  const amount = exactly === null ? `-qps ${qps} -t ${durationS}s` : `-n ${exactly}`;
  throw impossible(
    `${name} needs ${needed} requests a run, and ${amount} gives ${given}`,
    exactly === null
      ? `Use -t ${Math.ceil(needed / qps)}s or more, or start with -qps ${Math.ceil(needed / durationS)}.`
      : `Use -n ${needed} or more.`,
  );
}

/** The search down to the rates at which a run has enough requests; a number of requests (`-n`) is the same at any rate. */
export function decidable(
  search: SearchPlan,
  objectives: readonly Gate[],
  { durationUs, exactly }: Amount,
): SearchPlan {
  if (exactly !== null) return search;
  const leastQps = needOf(objectives).needed / (durationUs / 1e6);
  return { ...search, leastQps: Math.max(search.leastQps, leastQps) };
}

/** Of the quantile that needs most; 0 where no objective is about one. */
function needOf(objectives: readonly Gate[]): { name: string; needed: number } {
  const quantiles = objectives.flatMap(({ metric: { quantile } }) => quantile ?? []);
  if (quantiles.length === 0) return { name: "", needed: 0 };
  const farthest = Math.max(...quantiles);
  return { name: percentileName(farthest), needed: samplesNeeded(farthest) };
}
