/** The runs of result sets, sorted into what may be compared: one group a mode, or a target of unknown mode. */

import { attribute } from "../attribution/attribution.ts";
import type { Mode } from "../plan/mode.ts";
import { modeTitle } from "../plan/mode.ts";
import type { Plan } from "../plan/plan.ts";
import { stepsOf } from "../plan/steps.ts";
import type { Attribution } from "../result/attribution.ts";
import { methodVersion } from "../result/result.ts";
import type { ResultSet, Run } from "../result/result.ts";
import type { MeasuredRun } from "./metric.ts";

/** A run with all that comparing needs of it. */
export interface GroupedRun extends MeasuredRun {
  /** Runs of one block stand side by side; unique over all sets. */
  readonly block: string;
  readonly side: string;
}

/** What a group is called in results, and by people. */
export interface Named {
  readonly group: string;
  readonly title: string;
}

export interface RunGroup extends Named {
  readonly mode: Mode | null;
  /** Completed runs only. */
  readonly runs: readonly GroupedRun[];
}

/**
 * The groups of the sets' completed runs, in the order of the first set's plan. The tail is split anew where a set was
 * attributed at another quantile or by another method.
 */
export function groupRuns(sets: readonly ResultSet[], tailQuantile: number): RunGroup[] {
  return groupAllRuns(sets, tailQuantile).filter(isFilled);
}

export const isFilled = ({ runs }: RunGroup): boolean => runs.length > 0;

/** The same, and those of whose runs none was completed. */
export function groupAllRuns(sets: readonly ResultSet[], tailQuantile: number): RunGroup[] {
  const groups = new Map<string, { title: string; mode: Mode | null; runs: GroupedRun[] }>();
  for (const [at, set] of sets.entries()) {
    const byOrder = new Map(attributionOf(set, tailQuantile)?.perRun.map((one) => [one.order, one]));
    for (const run of set.runs.toSorted((a, b) => placeOf(a, set) - placeOf(b, set) || a.order - b.order)) {
      const { group, title } = nameOf(run, set);
      const known = groups.get(group) ?? { title, mode: run.mode, runs: [] };
      groups.set(group, known);
      if (!isCompleted(run)) continue;
      const attribution = byOrder.get(run.order) ?? null;
      known.runs.push({ run, attribution, side: run.side, block: `${at} ${run.block}` });
    }
  }
  return [...groups].map(([group, { title, mode, runs }]) => ({ group, title, mode, runs }));
}

/** The groups that a plan's runs will make, all going well: of each step, and of a target on both sides once. */
export function plannedGroups(plan: Plan): Named[] {
  const steps = stepsOf(plan);
  const named = plan.targets.flatMap(({ mode, name }) =>
    steps.map((step) => titled([step.name], mode, mode ?? unknownName(plan, name))),
  );
  return [...new Map(named.map((one) => [one.group, one])).values()];
}

/** A run without any sample says as little as a failed one. */
export const isCompleted = ({ state, latency }: Run): boolean => state === "completed" && latency.count > 0;

function attributionOf(set: ResultSet, tailQuantile: number): Attribution | null {
  const { attribution, runs, seed } = set;
  const isCurrent = set.methodVersion === methodVersion && attribution?.tailQuantile === tailQuantile;
  return isCurrent ? attribution : attribute(runs, { tailQuantile, seed });
}

/** Position of the run's target in the plan. Both sides of an A/B plan have their targets in the same order. */
function placeOf({ mode, target: { url } }: Run, { plan: { targets } }: ResultSet): number {
  const at =
    mode === null
      ? targets.findIndex((one) => one.url === url)
      : targets.findIndex((one) => one.mode === mode);
  return at < 0 ? targets.length : at;
}

function nameOf({ mode, step, target: { hop, url } }: Run, { plan }: ResultSet): Named {
  const planned = plan.targets.find((one) => one.mode === null && one.url === url);
  return titled([step, hop], mode, mode ?? unknownName(plan, planned?.name ?? url));
}

/**
 * Modes go by their name. Targets of unknown mode have addresses that need not be the same on both sides, so that a
 * set with one of them calls it `target`, and others go by the names of the plan.
 */
function unknownName({ targets }: Pick<Plan, "targets">, name: string): string {
  const sides = new Set(targets.map(({ side }) => side)).size;
  return targets.filter(({ mode }) => mode === null).length <= sides ? "target" : name;
}

function titled(prefix: readonly string[], mode: Mode | null, own: string): Named {
  const join = (last: string): string => [...prefix, last].filter((part) => part !== "").join(" ");
  return { group: join(own), title: join(mode === null ? own : modeTitle[mode]) };
}

/**
 * Whether the placement of connections is a draw in these runs, which moves the tail from run to run: long-lived
 * connections that nobody balances, over more than one worker.
 */
export function isLuck(runs: readonly GroupedRun[]): boolean {
  return runs.some(({ run }) => {
    const mode = run.proof.inEffect ?? run.mode;
    return run.keepalive && run.workers.length > 1 && mode !== null && mode !== "exact_balance";
  });
}
