/** What the workers of each mode's example run held and burnt, second by second. */

import { median } from "../../order-statistics.ts";
import type { Run } from "../../result/result.ts";
import { unknown } from "../figures.ts";
import type { Group } from "../groups.ts";
import { shownWorkers } from "../worker-table.ts";
import { formatFigure } from "./chart.ts";
import type { Chart } from "./chart.ts";
import { workersNote } from "./worker-tables.ts";

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
    note: `Run ${run.order + 1}.${workersNote(run)}`,
    xTitle: "second",
    yTitle,
    axis: "number",
    xNames: [],
    xLabels: [],
    yLog: false,
    x: run.series.map(({ second }) => second),
    series: shownWorkers(run).map(({ id }, colour) => {
      const values = run.series.map(({ workers }) => workers.find((one) => one.id === id)?.[key] ?? null);
      const known = values.filter((value) => value !== null);
      return {
        label: `worker_${id}`,
        values,
        kind: "line",
        colour,
        summary: known.length === 0 ? unknown : `median ${formatFigure(median(known))}`,
      };
    }),
  };
}
