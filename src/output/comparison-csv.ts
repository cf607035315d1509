/** A comparison as CSV: a row for each group and metric, in the metric's own unit, unrounded. */

import type { ComparedGroup, ComparedMetric, Comparison } from "../compare/comparison.ts";
import { csvParts } from "./csv-text.ts";
import type { Columns } from "./csv-text.ts";

interface Row {
  readonly comparison: Comparison;
  readonly group: ComparedGroup;
  readonly metric: ComparedMetric;
}

const columns: Columns<Row> = {
  baseline: ({ comparison }) => comparison.baseline.name,
  candidate: ({ comparison }) => comparison.candidate.name,
  design: ({ comparison }) => comparison.design,
  alpha: ({ comparison }) => comparison.alpha,
  group: ({ group }) => group.group,
  metric: ({ metric }) => metric.metric,
  unit: ({ metric }) => metric.unit,
  better: ({ metric }) => metric.better,
  pairs: ({ group }) => group.pairs,
  baseline_runs: ({ metric }) => metric.baseline.values.length,
  candidate_runs: ({ metric }) => metric.candidate.values.length,
  baseline_median: ({ metric }) => metric.baseline.median,
  candidate_median: ({ metric }) => metric.candidate.median,
  baseline_censored: ({ metric }) => metric.baseline.censored,
  candidate_censored: ({ metric }) => metric.candidate.censored,
  scale: ({ metric }) => metric.scale,
  effect: ({ metric }) => metric.effect,
  interval_low: ({ metric }) => metric.interval[0],
  interval_high: ({ metric }) => metric.interval[1],
  tolerance: ({ metric }) => metric.tolerance,
  p: ({ metric }) => metric.p,
  adjusted_p: ({ metric }) => metric.adjustedP,
  detectable: ({ metric }) => metric.detectable,
  verdict: ({ metric }) => metric.verdict,
  gate: ({ metric }) => metric.gate,
  reason: ({ metric }) => metric.reason,
};

export function comparisonCsv(comparison: Comparison): string {
  const groups = comparison.groups.map((group) =>
    group.metrics.map((metric) => ({ comparison, group, metric })),
  );
  return [...csvParts(columns, groups)].join("");
}
