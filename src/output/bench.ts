/**
 * Lines as `go test -bench` prints them, for benchstat: a line for each run, so that its tests see the spread of runs.
 * https://go.dev/design/14313-benchmark-format
 */

import type { ResultSet, Run } from "../result/result.ts";
import { groupOfRun } from "./groups.ts";

/** Benchstat takes less for better, except where it is told; `ns` it shows as it fits. */
const header = "Unit req/s better=higher\n";

export function bench(sets: readonly ResultSet[]): string {
  return header + sets.map(linesOf).join("");
}

function linesOf(set: ResultSet): string {
  // Keys that differ part benchstat's tables: only what makes latencies incomparable belongs here.
  const { cpuModel } = set.environment;
  // A key holds until it is given anew: without a value, for none.
  const cpu = cpuModel === null ? "cpu:" : `cpu: ${oneLine(cpuModel)}`;
  return `${cpu}\n${set.runs.map((run) => lineOf(set, run)).join("")}`;
}

function lineOf(set: ResultSet, run: Run): string {
  const name = ["MeshLoad", `mode=${word(groupOfRun(set, run))}`, ...loadOf(run)].join("/");
  const { latency, actual, failureLatency } = run;
  const durations: [unit: string, us: number][] =
    latency.count === 0
      ? []
      : [
          ["ns/op", latency.meanUs],
          ...Object.entries(latency.percentilesUs).map(([key, us]): [string, number] => [
            `p${key}-ns/op`,
            us,
          ]),
          ["max-ns/op", latency.maxUs],
        ];
  const figures = [
    ...durations.map(([unit, us]) => `${Math.round(us * 1e3)} ${unit}`),
    `${actual.qps} req/s`,
    `${failureLatency.count} failures`,
  ];
  return `Benchmark${name} ${latency.count} ${figures.join(" ")}\n`;
}

function loadOf({ requested, protocol, keepalive }: Run): string[] {
  return [
    `c=${requested.connections}`,
    `qps=${requested.qps === 0 ? "max" : requested.qps}`,
    ...(protocol === "h2" ? ["h2=true"] : []),
    ...(keepalive ? [] : ["keepalive=false"]),
  ];
}

/** Spaces end a name, and slashes part it. */
function word(text: string): string {
  return text.replaceAll(/[\s/]+/g, "_");
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}
