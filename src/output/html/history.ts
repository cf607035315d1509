/** A metric over several sets, by date and label: how a mode did from one to the next. Which one, the reader chooses. */

import { standingMetrics } from "../../compare/metric.ts";
import type { MeasuredRun, Metric } from "../../compare/metric.ts";
import { formatValue } from "../../compare/words.ts";
import type { MetricUnit } from "../../compare/comparison.ts";
import { median } from "../../order-statistics.ts";
import type { ResultSet, Run } from "../../result/result.ts";
import { latencyOf, unknown } from "../figures.ts";
import { groupsOf, splitOf } from "../groups.ts";
import type { Group } from "../groups.ts";
import type { Chart } from "./chart.ts";
import { escapeHtml } from "./markup.ts";
import type { Plots } from "./page.ts";

interface DatedSet {
  readonly set: ResultSet;
  readonly name: string;
  readonly groups: readonly Group[];
}

/** What a metric is shown in, and by what its values are multiplied for that. */
const shownIn: Readonly<Record<MetricUnit, readonly [title: string, factor: number]>> = {
  us: ["ms", 1e-3],
  qps: ["qps", 1],
  percent: ["% of a CPU", 1],
  ratio: ["busiest over an equal share", 1],
  share: ["%", 100],
};

const firstShown = "p99";

/** The section of the history; empty of fewer than two sets. */
export function history(sets: readonly ResultSet[], plots: Plots): string {
  if (sets.length < 2) return "";
  const dated = sets
    .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
    .map((set): DatedSet => ({ set, name: set.labels || set.id, groups: groupsOf(set) }));
  const charts = standingMetrics(tailOf(sets))
    .map((metric) => ({ metric, chart: chartOf(metric, dated) }))
    .filter(({ chart }) => chart.series.length > 0);
  const options = charts.map(
    ({ metric: { name } }) =>
      `<option value="${name}"${name === firstShown ? " selected" : ""}>${name}</option>`,
  );
  const places = charts.map(
    ({ metric, chart }) => `<div data-choice="${metric.name}">${plots.place(chart)}</div>`,
  );
  return `<section aria-labelledby="history"><h2 id="history">History</h2>
<p class="choices"><label>Metric <select data-of="history-plots">${options.join("")}</select></label>${labelChoice(dated)}</p>
<div id="history-plots">${places.join("\n")}</div></section>`;
}

/** Only where a label says something: some sets share it, and others have another. */
function labelChoice(dated: readonly DatedSet[]): string {
  const labels = [...new Set(dated.map(({ name }) => name))];
  if (labels.length < 2 || labels.length === dated.length) return "";
  const options = labels.map((label) => `<option value="${escapeHtml(label)}">${escapeHtml(label)}</option>`);
  return ` <label>Label <select data-label><option value="">all</option>${options.join("")}</select></label>`;
}

function chartOf(metric: Metric, dated: readonly DatedSet[]): Chart {
  const [unit, factor] = shownIn[metric.unit];
  const titles = [...new Set(dated.flatMap(({ groups }) => groups.map(({ title }) => title)))];
  const series = titles.map((title, colour) => {
    const values = dated.map(({ set, groups }) => {
      const group = groups.find((one) => one.title === title);
      return group === undefined ? null : valueOf(metric, set, group);
    });
    const last = values.findLast((value) => value !== null);
    return {
      label: title,
      values: values.map((value) => (value === null ? null : value * factor)),
      kind: "line" as const,
      colour,
      summary: last === undefined ? unknown : `latest ${formatValue(last!, metric.unit)}`,
    };
  });
  return {
    title: metric.name,
    note: `${metric.name}, ${metric.describe.replace(/;.*/, "")}. A point for each set, oldest first: the median of its completed runs.`,
    xTitle: "set",
    yTitle: unit,
    axis: "name",
    xNames: dated.map(({ set, name }) => `${name}\n${set.startedAt.slice(0, 16).replace("T", " ")}`),
    xLabels: dated.map(({ name }) => name),
    yLog: false,
    x: dated.map((_, i) => i),
    series: series.filter(({ values }) => values.some((value) => value !== null)),
  };
}

/** Of runs that tell nothing of it, `null`. */
function valueOf(metric: Metric, set: ResultSet, { runs }: Group): number | null {
  const measured = runs
    .filter(({ state }) => state === "completed")
    .map((run): MeasuredRun => ({ run: withLatency(run), attribution: splitOf(set, run) ?? null }));
  const values = measured
    .map((one) => metric.valueOf(one))
    .flatMap((value) => (typeof value === "string" || Number.isNaN(value.value) ? [] : [value.value]));
  return values.length === 0 ? null : median(values);
}

const withLatency = (run: Run): Run => ({ ...run, latency: latencyOf(run) });

/** The tail that the attributions are of; sets of another have no balanced tail to show. */
function tailOf(sets: readonly ResultSet[]): number {
  return sets.find(({ attribution }) => attribution !== null)?.attribution?.tailQuantile ?? 0.99;
}
