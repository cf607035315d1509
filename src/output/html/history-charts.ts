/** Figures over several sets, by date: how a mode did from one to the next. */

import { median } from "../../order-statistics.ts";
import type { ResultSet } from "../../result/result.ts";
import { latencyOf } from "../figures.ts";
import { groupsOf } from "../groups.ts";
import type { Group } from "../groups.ts";
import type { Chart } from "./chart.ts";

const metrics: readonly (readonly [title: string, unit: string, pick: (group: Group) => number | null])[] = [
  ["p50", "ms", (group) => quantile(group, "50")],
  ["p99", "ms", (group) => quantile(group, "99")],
  ["Rate", "qps", ({ runs }) => median(runs.map(({ actual }) => actual.qps))],
  ["Skew share of the tail", "%", ({ attribution }) => percent(attribution?.skewShare ?? null)],
  ["Failed requests", "a run", ({ runs }) => median(runs.map(({ failureLatency }) => failureLatency.count))],
];

export function historyCharts(sets: readonly ResultSet[]): Chart[] {
  if (sets.length < 2) return [];
  const all = sets
    .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
    .map((set) => ({ set, groups: groupsOf(set) }));
  const titles = [...new Set(all.flatMap(({ groups }) => groups.map(({ title }) => title)))];
  return metrics.map(([title, yTitle, pick]) => ({
    title,
    note: "A point for each set, oldest first; the median of its runs.",
    xTitle: "set",
    yTitle,
    axis: "name",
    xNames: all.map(({ set }) => `${set.labels === "" ? set.id : set.labels} ${set.startedAt.slice(0, 10)}`),
    yLog: false,
    scattered: false,
    x: all.map((_, i) => i),
    series: titles.map((label) => ({
      label,
      values: all.map(({ groups }) => {
        const group = groups.find((one) => one.title === label);
        return group === undefined ? null : pick(group);
      }),
    })),
  }));
}

function quantile({ runs }: Group, key: string): number | null {
  const known = runs.map(latencyOf).filter(({ count }) => count > 0);
  return known.length === 0 ? null : median(known.map(({ percentilesUs }) => percentilesUs[key] ?? 0)) / 1e3;
}

function percent(share: number | null): number | null {
  return share === null ? null : share * 100;
}
