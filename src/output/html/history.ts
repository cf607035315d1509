/** A metric over several sets, by date and label: how a mode did from one to the next. Which one, the reader chooses. */

import { differencesOf } from "../../compare/comparable.ts";
import { standingMetrics } from "../../compare/metric.ts";
import type { MeasuredRun, Metric } from "../../compare/metric.ts";
import { byServiceTime, someLackLatency } from "../../compare/service-times.ts";
import { formatValue } from "../../compare/words.ts";
import type { MetricUnit } from "../../compare/comparison.ts";
import { median } from "../../order-statistics.ts";
import type { ResultSet } from "../../result/result.ts";
import { percentileName } from "../../units.ts";
import { unknown } from "../figures.ts";
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
const defaultTail = 0.99;

/** The section of the history; empty of fewer than two sets. */
export function history(sets: readonly ResultSet[], plots: Plots): string {
  if (sets.length < 2) return "";
  const serviceTimes = someLackLatency(sets);
  const dated = (serviceTimes ? sets.map(byServiceTime) : sets)
    .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
    .map((set): DatedSet => ({ set, name: set.labels || set.id, groups: groupsOf(set) }));
  const charts = shownMetrics(sets)
    .map((metric) => chartOf(metric, dated, serviceTimes))
    .filter(({ series }) => series.length > 0);
  const options = charts.map(
    ({ title }) => `<option value="${title}"${title === firstShown ? " selected" : ""}>${title}</option>`,
  );
  const places = charts.map((chart) => `<div data-choice="${chart.title}">${plots.place(chart)}</div>`);
  return `<section aria-labelledby="history"><h2 id="history">History</h2>
<p class="choices"><label>Metric <select data-of="history-plots">${options.join("")}</select></label>${labelChoice(dated)}</p>
${serviceTimes ? serviceTimeNote : ""}${changesOf(dated)}<div id="history-plots">${places.join("\n")}</div></section>`;
}

const serviceTimeNote = `<p class="meta">Some sets have no latency from the intended start: in its place stands service time, in all of them.</p>`;

/** What else is not the same in all sets: a step in a line may be that. */
function changesOf(dated: readonly DatedSet[]): string {
  const [first, ...others] = dated;
  const differences = others.flatMap(({ set }) => differencesOf(first!.set, set));
  const fields = new Set(differences.flatMap(({ field, weight }) => (weight === "small" ? [] : [field])));
  if (fields.size === 0) return "";
  return `<p class="meta">Not the same in all sets, and perhaps what a step in a line is: ${escapeHtml([...fields].join(", "))}.</p>`;
}

/** Only where a label says something: some sets share it, and others have another. */
function labelChoice(dated: readonly DatedSet[]): string {
  const labels = [...new Set(dated.map(({ name }) => name))];
  if (labels.length < 2 || labels.length === dated.length) return "";
  const options = labels.map((label) => `<option value="${escapeHtml(label)}">${escapeHtml(label)}</option>`);
  return ` <label>Label <select data-label><option value="">all</option>${options.join("")}</select></label>`;
}

interface ShownMetric {
  readonly metric: Metric;
  readonly name: string;
  /** Quantile of the sets that have it; `null` for all. */
  readonly tail: number | null;
}

/** What is of a set's `-tail` once for each that there is: one line over several would join what does not compare. */
function shownMetrics(sets: readonly ResultSet[]): ShownMetric[] {
  const found = [...new Set(sets.flatMap(({ attribution }) => attribution?.tailQuantile ?? []))];
  const tails = found.length === 0 ? [defaultTail] : found.toSorted((a, b) => a - b);
  const ofTails = tails.map((tail) => ({ tail, metrics: standingMetrics(tail) }));
  return ofTails[0]!.metrics.flatMap((metric, i): ShownMetric[] => {
    if (metric.ofTail === undefined) return [{ metric, name: metric.name, tail: null }];
    const isNamed = new Set(ofTails.map(({ metrics }) => metrics[i]!.name)).size === tails.length;
    return ofTails.map(({ tail, metrics }) => {
      const { name } = metrics[i]!;
      return { metric: metrics[i]!, name: isNamed ? name : `${name} of ${percentileName(tail)}`, tail };
    });
  });
}

function chartOf(shown: ShownMetric, dated: readonly DatedSet[], serviceTimes: boolean): Chart {
  const { metric, name, tail } = shown;
  const [unit, factor] = shownIn[metric.unit];
  const titles = [...new Set(dated.flatMap(({ groups }) => groups.map(({ title }) => title)))];
  const series = titles.map((title, colour) => {
    const values = dated.map(({ set, groups }) => {
      const group = groups.find((one) => one.title === title);
      if (group === undefined || (tail !== null && set.attribution?.tailQuantile !== tail)) return null;
      return valueOf(metric, set, group);
    });
    const latest = (label?: string): string => {
      const last = values.findLast(
        (value, i) => value !== null && (label ?? dated[i]!.name) === dated[i]!.name,
      );
      return last == null ? unknown : `latest ${formatValue(last, metric.unit)}`;
    };
    return {
      label: title,
      values: values.map((value) => (value === null ? null : value * factor)),
      kind: "line" as const,
      colour,
      summary: latest(),
      summaryOf: Object.fromEntries(dated.map(({ name: label }) => [label, latest(label)])),
    };
  });
  return {
    title: name,
    note: `${name}, ${describe(metric, serviceTimes)}. A point for each set${tail === null ? "" : ` of -tail ${tail}`} with a value, oldest first: the median of its completed runs.`,
    xTitle: "set",
    yTitle: unit,
    axis: "name",
    xNames: dated.map(({ set, name }) => `${name}\n${set.startedAt.slice(0, 16).replace("T", " ")}`),
    xLabels: dated.map(({ name }) => name),
    yLog: metric.unit === "us" && spansDecade(series.flatMap(({ values }) => values)),
    x: dated.map((_, i) => i),
    series: series.filter(({ values }) => values.some((value) => value !== null)),
  };
}

/** What is drawn of a metric. An attribution is of latency, whatever stands in the place of it elsewhere. */
function describe(metric: Metric, serviceTimes: boolean): string {
  const words = metric.describe.replace(/;.*/, "");
  if (!serviceTimes) return words;
  return metric.ofTail === true ? `${words}, of latency` : words.replace("latency", "service time");
}

/** Whether on an axis from zero the least of the values would lie in its lowest tenth, where no change of it shows. */
function spansDecade(values: readonly (number | null)[]): boolean {
  const known = values.filter((value) => value !== null);
  const least = Math.min(...known);
  return least > 0 && Math.max(...known) >= 10 * least;
}

/** Of runs that tell nothing of it, `null`. */
function valueOf(metric: Metric, set: ResultSet, { runs }: Group): number | null {
  const measured = runs
    .filter(({ state }) => state === "completed")
    .map((run): MeasuredRun => ({ run, attribution: splitOf(set, run) ?? null }));
  const values = measured
    .map((one) => metric.valueOf(one))
    .flatMap((value) => (typeof value === "string" || Number.isNaN(value.value) ? [] : [value.value]));
  return values.length === 0 ? null : median(values);
}
