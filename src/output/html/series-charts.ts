/** What the workers of each mode's example run held and burnt, second by second. */

import type { Run } from "../../result/result.ts";
import type { Group } from "../groups.ts";
import type { Chart } from "./chart.ts";

export function seriesCharts(groups: readonly Group[]): Chart[] {
  return groups
    .filter(({ example }) => example.workers.length > 0 && example.series.length > 1)
    .flatMap(({ title, example }) => [
      chartOf(`Connections per worker: ${title}`, "connections", example, "connections"),
      chartOf(`CPU per worker: ${title}`, "% of a CPU", example, "cpuPercent"),
    ])
    .filter(({ series }) => series.some(({ values }) => values.some((value) => value !== null)));
}

function chartOf(title: string, yTitle: string, run: Run, key: "connections" | "cpuPercent"): Chart {
  return {
    title,
    note: `Run ${run.order + 1}.`,
    xTitle: "second",
    yTitle,
    axis: "number",
    xNames: [],
    yLog: false,
    scattered: false,
    x: run.series.map(({ second }) => second),
    series: run.workers.map(({ id }) => ({
      label: `worker_${id}`,
      values: run.series.map(({ workers }) => workers.find((one) => one.id === id)?.[key] ?? null),
    })),
  };
}
