/** Dose and response: the tail of every worker against its share of the load, and what the fit predicts at balance. */

import type { ResultSet } from "../../result/result.ts";
import { nameOfQuantile } from "../figures.ts";
import type { Chart } from "./chart.ts";

export function doseChart({ attribution }: ResultSet): Chart[] {
  if (attribution === null || attribution.fit.points.length === 0) return [];
  const { fit, perRun, perMode, tailQuantile } = attribution;
  const groupOf = new Map(perRun.map(({ order, group }) => [order, group]));
  const measured = fit.points.map(({ run, x, tailUs }) => ({ label: groupOf.get(run) ?? "", x, us: tailUs }));
  const predicted = perRun.flatMap(({ balancedTailUs }) =>
    balancedTailUs === null ? [] : [{ label: "predicted at balance", x: 1, us: balancedTailUs }],
  );
  const points = [...measured, ...predicted].sort((a, b) => a.x - b.x);
  // In the order of the other plots, so that a mode has one colour.
  const labels = [
    ...new Set([
      ...perMode.map(({ group }) => group),
      ...[...measured, ...predicted].map(({ label }) => label),
    ]),
  ];
  const interval = fit.interval?.map((end) => end.toFixed(2)).join(" to ");
  return [
    {
      title: "Dose and response",
      note:
        fit.slope === null
          ? `No fit: ${fit.reason ?? "not identifiable"}.`
          : `A point for each worker and run, without mesh-load's own lag. Slope ${fit.slope.toFixed(2)}${interval === undefined ? "" : ` [${interval}]`}, ${fit.shape}.`,
      xTitle: "load of the worker (1 = an equal share)",
      yTitle: `${nameOfQuantile(tailQuantile)}, ms`,
      axis: "number",
      xNames: [],
      yLog: true,
      scattered: true,
      x: points.map(({ x }) => x),
      series: labels.map((label) => ({
        label,
        values: points.map((point) => (point.label === label ? point.us / 1e3 : null)),
      })),
    },
  ];
}
