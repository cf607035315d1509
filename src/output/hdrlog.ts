/** The HdrHistogram log, format 1.3: a line for each run, and for each worker of it, by tag; in nanoseconds. */

import type { Distribution, ResultSet, Run } from "../result/result.ts";
import { groupOfRun } from "./groups.ts";

/** One log of all the sets; times count from the start of the first. */
export function hdrlog(sets: readonly ResultSet[]): string {
  const runs = sets
    .flatMap((set) => set.runs.map((run) => ({ run, group: groupOfRun(set, run) })))
    .sort((a, b) => Date.parse(a.run.startedAt) - Date.parse(b.run.startedAt));
  const startMs = runs.length === 0 ? 0 : Date.parse(runs[0]!.run.startedAt);
  return [
    "#[Latency in nanoseconds, of each run and of each worker of it, by mesh-load]",
    "#[Histogram log format version 1.3]",
    `#[StartTime: ${seconds(startMs)} (seconds since epoch), ${new Date(startMs).toUTCString()}]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    ...runs.flatMap(({ run, group }) => linesOf(run, tag(group), startMs)),
    "",
  ].join("\n");
}

function linesOf(run: Run, name: string, startMs: number): string[] {
  const times = `${seconds(Date.parse(run.startedAt) - startMs)},${run.actual.durationS.toFixed(3)}`;
  const line = (suffix: string, { histogram, maxUs }: Distribution): string[] =>
    histogram === "" ? [] : [`Tag=${name}${suffix},${times},${(maxUs / 1e3).toFixed(3)},${histogram}`];
  return [
    ...line("", run.latency),
    ...run.workers.flatMap(({ id, latency }) => line(`/worker_${id}`, latency)),
  ];
}

const seconds = (ms: number): string => (ms / 1e3).toFixed(3);

/** A tag ends at a comma, and at white space. */
function tag(text: string): string {
  return text.replaceAll(/[\s,]+/g, "_");
}
