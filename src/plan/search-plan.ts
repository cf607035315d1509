/** The search for the highest rate: between which rates, and what cannot go with it. */

import { demand } from "./impossible.ts";
import type { LoadPlan, Plan, SearchPlan, TargetPlan } from "./plan.ts";

/** Six doublings, or halvings, of the rate that it starts from. */
export const reach = 64;
const resolution = 0.05;

/** @throws MeshLoadError PLAN_IMPOSSIBLE */
export function resolveSearch(
  objectives: readonly string[] | undefined,
  { load, sweep, targets }: Pick<Plan, "load" | "sweep"> & { readonly targets: readonly TargetPlan[] },
): SearchPlan | null {
  if (objectives === undefined) return null;
  demand(objectives.length > 0, "-find-max looks for a rate that holds what?", "Add -slo 'p99<10ms'.");
  demand(
    load.qps > 0,
    "-find-max starts from a rate, and -qps 0 has none",
    "Use -qps 1000, or any first guess.",
  );
  demand(
    sweep.length === 0 && load.stages.length === 0,
    `-find-max varies the rate alone, and ${sweep.length > 0 ? `-c ${sweep.join(",")} sweeps` : "stages change the load"}`,
    "Keep one of the two.",
  );
  demand(
    targets.every(({ side }) => side === ""),
    "-find-max and -ab do not go together: two sides are compared at one rate",
    "Search each side in a run of its own.",
  );
  demand(ends(load), "-t 0 never ends the first run of -find-max", "Say how long each run takes: -t 5s.");
  const { qps } = load;
  return { objectives, startQps: qps, leastQps: qps / reach, mostQps: qps * reach, resolution };
}

const ends = ({ durationUs, exactly }: LoadPlan): boolean => durationUs > 0 || exactly !== null;
