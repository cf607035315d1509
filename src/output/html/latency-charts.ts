/** Latency by percentile: of every mode, and of the workers of its example run. */

import { Histogram } from "../../histogram.ts";
import type { Distribution, Run } from "../../result/result.ts";
import { latencyCaption, latencyOf } from "../figures.ts";
import type { Group } from "../groups.ts";
import type { Chart } from "./chart.ts";

/** Points for each power of ten of 1/(1 − q). */
const pointsPerDecade = 8;

export function percentileChart(groups: readonly Group[], runs: readonly Run[]): Chart {
  return chartOf(
    "Latency by percentile",
    `${latencyCaption(runs)}. The runs of a mode are put together: to look at, not to judge by.`,
    groups.map(({ title, runs: own }) => ({ label: title, histogram: together(own.map(latencyOf)) })),
  );
}

/** One for each group whose workers are known. */
export function workerCharts(groups: readonly Group[]): Chart[] {
  return groups
    .filter(({ example }) => example.workers.length > 0)
    .map(({ title, example }) =>
      chartOf(
        `Latency per worker: ${title}`,
        `Run ${example.order + 1}, which stands for the others.`,
        example.workers.map(({ id, latency, connections }) => ({
          label: `worker_${id} (${connections} connections)`,
          histogram: together([latency]),
        })),
      ),
    );
}

function chartOf(
  title: string,
  note: string,
  lines: readonly { label: string; histogram: Histogram }[],
): Chart {
  const most = Math.max(1, ...lines.map(({ histogram }) => histogram.count));
  const steps = Math.floor(Math.log10(most) * pointsPerDecade);
  const x = Array.from({ length: steps + 1 }, (_, i) => 10 ** (i / pointsPerDecade));
  return {
    title,
    note,
    xTitle: "percentile",
    yTitle: "ms",
    axis: "quantile",
    xNames: [],
    yLog: true,
    scattered: false,
    x,
    series: lines.map(({ label, histogram }) => ({
      label,
      // Beyond its own count a histogram says nothing but its largest value.
      values: x.map((at) => (at > histogram.count ? null : histogram.quantileUs(1 - 1 / at) / 1e3)),
    })),
  };
}

function together(distributions: readonly Distribution[]): Histogram {
  const all = new Histogram();
  for (const { histogram, count } of distributions) if (count > 0) all.add(Histogram.decode(histogram));
  return all;
}
