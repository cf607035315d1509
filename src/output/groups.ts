/** Runs of one experiment that repeat each other, as outputs show them together. */

import type { Mode } from "../plan/mode.ts";
import { modeTitle } from "../plan/mode.ts";
import type { ModeAttribution, RunAttribution } from "../result/attribution.ts";
import type { ResultSet, Run } from "../result/result.ts";
import { isRunOf } from "../result/run-of-target.ts";

export interface Group {
  /** Of this group alone in its set, and the same in every set. */
  readonly title: string;
  readonly mode: Mode | null;
  readonly runs: readonly Run[];
  readonly attribution: ModeAttribution | null;
  /** The run whose workers are shown: the one nearest to the median where the attribution names it. */
  readonly example: Run;
}

/** The groups of a set, in the order of the plan's targets, and of their steps. */
export function groupsOf(set: ResultSet): Group[] {
  const { runs, attribution, plan } = set;
  const byName = Map.groupBy(runs, (run) => groupOfRun(set, run));
  const groups = [...byName].map(([name, own]): Group => {
    const mode = own[0]!.mode;
    const split = attribution?.perMode.find(({ group }) => group === name) ?? null;
    return {
      title: titleOf(name, mode),
      mode,
      runs: own,
      attribution: split,
      example: own.find(({ order }) => order === split?.exampleRun) ?? own[0]!,
    };
  });
  const place = ({ runs: [run] }: Group): number => plan.targets.findIndex((target) => isRunOf(run!, target));
  return groups.sort((a, b) => place(a) - place(b) || bySize(a, b));
}

/** Steps from the smallest on. */
export function bySize({ runs: [a] }: Group, { runs: [b] }: Group): number {
  return a!.requested.connections - b!.requested.connections || a!.requested.qps - b!.requested.qps;
}

/** What repetitions of the run share: the mode, or host and port; side and step before it, where there are any. */
export function groupOfRun(set: ResultSet, run: Run): string {
  return splitOf(set, run)?.group ?? groupNameOf({ ...run, url: run.target.url });
}

/** What the attribution says of a run, where it says anything. */
export function splitOf({ attribution }: ResultSet, { order }: Run): RunAttribution | undefined {
  return attribution?.perRun.find((split) => split.order === order);
}

/** A group by the run that is shown for all of it. */
export function titleOfExample({ title, runs, example }: Group): string {
  return runs.length === 1 ? title : `${title}, run ${example.order + 1}`;
}

/** The group of such a run where no attribution names it. */
export function groupNameOf({ side, step, mode, url }: GroupParts): string {
  return [side, step, mode ?? URL.parse(url)?.host ?? url].filter((part) => part !== "").join(" ");
}

interface GroupParts extends Pick<Run, "side" | "step" | "mode"> {
  readonly url: string;
}

/** How outputs call the group of this name. */
export function titleOf(name: string, mode: Mode | null): string {
  return mode !== null && name === mode ? modeTitle[mode] : name;
}
