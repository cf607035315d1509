/** The steps of a sweep: the same load over other numbers of connections, each step with runs of its own. */

import { demand, isWhole } from "./impossible.ts";
import type { LoadPlan, Plan } from "./plan.ts";

export interface Step {
  /** What results call it; empty where there is no sweep. */
  readonly name: string;
  readonly load: LoadPlan;
}

/**
 * The connections of each step, none where there is but one number.
 * @throws MeshLoadError PLAN_IMPOSSIBLE
 */
export function resolveSweep(connections: number | readonly number[] | undefined): readonly number[] {
  if (!Array.isArray(connections) || connections.length === 1) return [];
  const sweep: readonly number[] = connections;
  demand(sweep.length > 0, "-c names no number of connections", "Write -c 64, or -c 2,8,32 to sweep.");
  for (const one of sweep)
    demand(
      isWhole(one, 1, 1_000_000),
      `-c ${one} is no number of connections`,
      "Use whole numbers, 1 to 1000000.",
    );
  const twice = sweep.find((one, i) => sweep.indexOf(one) !== i);
  demand(twice === undefined, `-c names ${twice} twice`, "Use -reps to repeat a step.");
  return sweep;
}

/** In the order asked for; one without a name where the plan has no sweep. */
export function stepsOf({ load, sweep }: Pick<Plan, "load" | "sweep">): Step[] {
  if (sweep.length === 0) return [{ name: "", load }];
  return sweep.map((connections) => ({
    name: `c=${connections}`,
    load: { ...load, connections, threads: Math.min(load.threads, connections) },
  }));
}

/** The step of a search that drives a rate. */
export function rateStep(load: LoadPlan, qps: number): Step {
  return { name: `qps=${Number(qps.toPrecision(6))}`, load: { ...load, qps } };
}

/** How many runs the plan means: each target in each step, as often as it repeats. Of a search nobody knows: 0. */
export function plannedRuns({
  targets,
  sweep,
  search,
  repetitions,
}: Pick<Plan, "targets" | "sweep" | "search" | "repetitions">): number {
  return search === null ? targets.length * Math.max(1, sweep.length) * repetitions : 0;
}
