/** The runs of result sets, sorted into what may be compared: one group a mode, or a target of unknown mode. */

import { attribute } from "../attribution/attribution.ts";
import type { Mode } from "../plan/mode.ts";
import { modeTitle } from "../plan/mode.ts";
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

export interface RunGroup {
  readonly group: string;
  readonly title: string;
  readonly mode: Mode | null;
  /** Completed runs only. */
  readonly runs: readonly GroupedRun[];
}

/**
 * The groups of the sets' completed runs, in the order of the first set's plan. The tail is split anew where a set was
 * attributed at another quantile or by another method.
 */
export function groupRuns(sets: readonly ResultSet[], tailQuantile: number): RunGroup[] {
  const groups = new Map<string, { title: string; mode: Mode | null; runs: GroupedRun[] }>();
  for (const [at, set] of sets.entries()) {
    const byOrder = new Map(attributionOf(set, tailQuantile)?.perRun.map((one) => [one.order, one]));
    for (const run of set.runs.toSorted((a, b) => placeOf(a, set) - placeOf(b, set) || a.order - b.order)) {
      if (!isCompleted(run)) continue;
      const { group, title } = nameOf(run, set);
      const known = groups.get(group) ?? { title, mode: run.mode, runs: [] };
      const attribution = byOrder.get(run.order) ?? null;
      known.runs.push({ run, attribution, side: run.side, block: `${at} ${run.block}` });
      groups.set(group, known);
    }
  }
  return [...groups].map(([group, { title, mode, runs }]) => ({ group, title, mode, runs }));
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

/**
 * Modes go by their name. Targets of unknown mode have addresses that need not be the same on both sides, so that a
 * set with one of them calls it `target`, and others go by the names of the plan.
 */
function nameOf(run: Run, set: ResultSet): { group: string; title: string } {
  const { mode, step, target } = run;
  const prefix = [step, target.hop].filter((part) => part !== "");
  const sides = new Set(set.plan.targets.map(({ side }) => side)).size;
  const unknown = set.plan.targets.filter((one) => one.mode === null);
  const planned = unknown.find(({ url }) => url === target.url);
  const own = mode ?? (unknown.length <= sides ? "target" : (planned?.name ?? target.url));
  const title = mode === null ? own : modeTitle[mode];
  return { group: [...prefix, own].join(" "), title: [...prefix, title].join(" ") };
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
