/** A sweep: a row for each step and mode, so that every step compares its modes. */

import { median } from "../order-statistics.ts";
import type { Run } from "../result/result.ts";
import { formatAsked, formatRate, latencyOf, medianMs, quantileMs } from "./figures.ts";
import { renderGrid } from "./grid.ts";
import { bySize } from "./groups.ts";
import type { Group } from "./groups.ts";
import { unprovenNotes } from "./mode-table.ts";
import type { Look } from "./style.ts";
import { wrap } from "./wrap.ts";

const quantiles = ["50", "90", "99"] as const;

const titles = ["step", "", "asked", "qps", "mean", ...quantiles.map((key) => `p${key}`), "failed"];

/** Whether the runs are of several steps. */
export function hasSteps(groups: readonly Group[]): boolean {
  return groups.some(({ runs }) => runs[0]!.step !== "");
}

/** The titles, and the rows from the smallest step to the largest; figures are medians over a group's runs. */
export function stepRows(groups: readonly Group[]): { titles: string[]; rows: string[][] } {
  const sorted = groups.toSorted(bySize);
  const byStep = Map.groupBy(sorted, ({ runs }) => runs[0]!.step);
  const rows = [...byStep].flatMap(([step, own]) =>
    own.map(({ runs }, i) => [i === 0 ? step : "", nameOf(runs[0]!), ...figuresOf(runs)]),
  );
  return { titles, rows };
}

/** The table, and under it why a mode is not proven. */
export function stepTable(groups: readonly Group[], { style, width }: Look): string[] {
  const { titles, rows } = stepRows(groups);
  const columns = titles.map((title, i) => ({
    title,
    align: i < 2 ? ("left" as const) : ("right" as const),
  }));
  const [head, ...lines] = renderGrid(columns, rows, width);
  return [style.title(head!), ...lines, ...unprovenNotes(groups).flatMap((note) => wrap(note, width))];
}

function nameOf({ side, mode, target }: Run): string {
  return [side, mode ?? URL.parse(target.url)?.host ?? target.url].filter((part) => part !== "").join(" ");
}

function figuresOf(runs: readonly Run[]): string[] {
  const answered = runs.map(latencyOf).filter(({ count }) => count > 0);
  return [
    formatAsked(runs),
    formatRate(median(runs.map(({ actual }) => actual.qps))),
    medianMs(answered.map(({ meanUs }) => meanUs)),
    ...quantiles.map((key) => quantileMs(runs, latencyOf, key)),
    String(median(runs.map(({ failureLatency }) => failureLatency.count))),
  ];
}
