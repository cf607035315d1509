/** Latency by percentile: of every mode, of the workers of its example run, of the sides of a comparison. */

import { Histogram } from "../../histogram.ts";
import type { Distribution, Run } from "../../result/result.ts";
import { formatMillis } from "../../units.ts";
import { latencyCaption, latencyOf } from "../figures.ts";
import type { Group } from "../groups.ts";
import { isUnmapped } from "../known-workers.ts";
import { shownWorkers } from "../worker-table.ts";
import type { Chart } from "./chart.ts";
import { workersNote } from "./worker-tables.ts";

/** Points for each power of ten of 1/(1 − q). */
const pointsPerDecade = 8;

export function percentileChart(groups: readonly Group[], runs: readonly Run[]): Chart {
  return curves(
    "Latency by percentile",
    `${latencyCaption(runs)}. The runs of a mode are put together: to look at, not to judge by.`,
    groups.map(({ title, runs: own }, colour) => ({
      label: title,
      colour,
      distributions: own.map(latencyOf),
      runs: own.length,
    })),
  );
}

/** One for each group of whose connections the workers are known. */
export function workerCharts(groups: readonly Group[]): Chart[] {
  return groups
    .filter(({ example }) => example.workers.length > 0 && !isUnmapped(example))
    .map(({ title, example }) =>
      curves(
        `Latency per worker: ${title}`,
        `Run ${example.order + 1}, which stands for the others.${workersNote(example)}`,
        shownWorkers(example).map(({ id, latency, connections }, colour) => ({
          label: `worker_${id} (${connections} connections)`,
          colour,
          distributions: [latency],
          runs: 1,
        })),
      ),
    );
}

export interface Line {
  readonly label: string;
  readonly colour: number;
  /** Shown together, */
  readonly distributions: readonly Distribution[];
  /** which are of so many runs. */
  readonly runs: number;
}

/** A line each, as far as its own count says anything. */
export function curves(title: string, note: string, lines: readonly Line[]): Chart {
  const histograms = lines.map(({ distributions }) => together(distributions));
  const most = Math.max(1, ...histograms.map(({ count }) => count));
  const steps = Math.floor(Math.log10(most) * pointsPerDecade);
  const x = Array.from({ length: steps + 1 }, (_, i) => 10 ** (i / pointsPerDecade));
  return {
    title,
    note,
    xTitle: "percentile",
    yTitle: "ms",
    axis: "quantile",
    xNames: [],
    xLabels: [],
    yLog: true,
    x,
    series: lines.map(({ label, colour, runs }, i) => {
      const histogram = histograms[i]!;
      return {
        label,
        colour,
        kind: "line",
        summary: summaryOf(histogram, runs),
        // Beyond its own count a histogram says nothing but its largest value.
        values: x.map((at) => (at > histogram.count ? null : histogram.quantileUs(1 - 1 / at) / 1e3)),
      };
    }),
  };
}

/** Of several runs it is not the median of theirs, as elsewhere, and says so. */
function summaryOf(histogram: Histogram, runs: number): string {
  if (histogram.count < 100) return "";
  return `p99 ${formatMillis(histogram.quantileUs(0.99))} ms${runs > 1 ? " of all together" : ""}`;
}

function together(distributions: readonly Distribution[]): Histogram {
  const all = new Histogram();
  for (const { histogram, count } of distributions) if (count > 0) all.add(Histogram.decode(histogram));
  return all;
}
