/** A load of stages, a row for each stage: over all of it, no quantile means anything. */

import { median } from "../order-statistics.ts";
import type { Distribution, Run, StageResult } from "../result/result.ts";
import { formatRate, quantileMs } from "./figures.ts";
import { renderGrid } from "./grid.ts";
import type { Group } from "./groups.ts";
import type { Look } from "./style.ts";

const quantiles = ["50", "90", "99", "99.9", "max"] as const;

/** The titles, and the stages of each group, medians over its runs; no rows where the load had none. */
export function stageRows(groups: readonly Group[]): { titles: string[]; rows: string[][] } {
  const titles = ["stage", "connections", "asked", "qps", ...quantiles.map(titleOf), "failed"];
  const staged = groups.filter(({ runs }) => runs.some(({ stages }) => stages.length > 0));
  const heading = (title: string): string[][] => [titles.map((_, column) => (column === 0 ? title : ""))];
  const rows = staged.flatMap(({ title, runs }) =>
    groups.length > 1 ? heading(title).concat(rowsOf(runs)) : rowsOf(runs),
  );
  return { titles, rows };
}

export const stageCaption = "Latency in ms by stage, of the requests due in it";

/** The same for a terminal; nothing where the load had no stages. */
export function stageTable(groups: readonly Group[], { style, width }: Look): string[] {
  const { titles, rows } = stageRows(groups);
  if (rows.length === 0) return [];
  const [head, ...lines] = renderGrid(
    titles.map((title, i) => ({ title, align: i === 0 ? "left" : "right" })),
    rows,
    width,
  );
  return [style.dim(stageCaption), style.title(head!), ...lines];
}

function rowsOf(runs: readonly Run[]): string[][] {
  const longest = runs.toSorted((a, b) => b.stages.length - a.stages.length)[0]!;
  return longest.stages.map((_, i) =>
    rowOf(
      runs.filter(({ stages }) => stages[i] !== undefined),
      i,
    ),
  );
}

function rowOf(runs: readonly Run[], i: number): string[] {
  const { requested, stages } = runs[0]!;
  const stage = stages[i]!;
  const figure = (of: (stage: StageResult) => number): number =>
    median(runs.map((run) => of(run.stages[i]!)));
  return [
    `${stage.second}–${Number((stage.second + stage.seconds).toFixed(1))} s`,
    fromTo(stage.fromConnections, stage.toConnections, String),
    requested.qps === 0 ? "max" : fromTo(stage.fromQps, stage.toQps, formatRate),
    formatRate(figure(({ requests, seconds }) => requests / seconds)),
    ...quantiles.map((key) => quantileMs(runs, (run) => run.stages[i]!.latency ?? nothing, key)),
    String(figure(({ failures }) => failures)),
  ];
}

/** Where requests of the stage lie above the cap of kept samples. */
const nothing: Distribution = { histogram: "", count: 0, meanUs: 0, maxUs: 0, percentilesUs: {} };

function fromTo(from: number, to: number, show: (value: number) => string): string {
  return from === to ? show(to) : `${show(from)}→${show(to)}`;
}

function titleOf(key: string): string {
  return key === "max" ? key : `p${key}`;
}
