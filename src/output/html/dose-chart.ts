/** Dose and response: the tail of every worker against its share of the load, the fit, and what it predicts at balance. */

import { logGrowth, middleOrder } from "../../attribution/shape.ts";
import type { DoseResponse } from "../../result/attribution.ts";
import type { ResultSet } from "../../result/result.ts";
import { formatMicros, percentileName } from "../../units.ts";
import type { Group } from "../groups.ts";
import { groupOfRun } from "../groups.ts";
import { hasSteps } from "../step-table.ts";
import type { Chart, Series } from "./chart.ts";

/** Where a fitted curve is worked out, over a mode's loads. */
const curvePoints = 24;

export function doseChart(set: ResultSet, groups: readonly Group[]): Chart[] {
  const { attribution } = set;
  if (attribution === null || attribution.fit.points.length === 0) return [];
  const { fit, tailQuantile } = attribution;
  const groupOf = new Map(set.runs.map((run) => [run.order, groupOfRun(set, run)]));
  const pointsOf = groups.map((group) => {
    const name = groupOfRun(set, group.example);
    return fit.points.filter(({ run }) => groupOf.get(run) === name);
  });
  // How busy a worker is at balance differs from step to step of a sweep, and with it the curve.
  const curves = hasSteps(groups)
    ? []
    : groups.flatMap((group, i) => curveOf(group, { fit, loads: pointsOf[i]!.map(({ x }) => x), colour: i }));
  const x = [...new Set([...fit.points.map((point) => point.x), ...curves.flatMap((one) => one.x)])].sort(
    (a, b) => a - b,
  );
  // Several workers may hold the same load: a place on the axis for each.
  const places = x.flatMap((at) => {
    const most = Math.max(1, ...pointsOf.map((own) => own.filter((point) => point.x === at).length));
    return Array.from({ length: most }, (_, nth) => ({ at, nth }));
  });
  const measured = groups.map((group, i): Series => {
    const own = Map.groupBy(pointsOf[i]!, (point) => point.x);
    const us = ({ at, nth }: { at: number; nth: number }): number | null =>
      own.get(at)?.[nth]?.tailUs ?? null;
    return {
      label: group.title,
      values: places.map((place) => milliseconds(us(place))),
      kind: "points",
      colour: i,
      summary: `${pointsOf[i]!.length} workers of ${group.runs.length} ${group.runs.length === 1 ? "run" : "runs"}`,
    };
  });
  const fitted = curves.map(({ series, x: own, us }): Series => {
    const values = places.map(({ at, nth }) => (nth === 0 ? (us[own.indexOf(at)] ?? null) : null));
    return Object.assign({}, series, { values: values.map(milliseconds) });
  });
  return [
    {
      title: "Dose and response",
      note: noteOf(fit),
      xTitle: "load of the worker (1 = an equal share)",
      yTitle: `${percentileName(tailQuantile)}, ms`,
      axis: "number",
      xNames: [],
      xLabels: [],
      yLog: true,
      x: places.map(({ at }) => at),
      series: [...measured, ...fitted],
    },
  ];
}

interface Curve {
  readonly series: Omit<Series, "values">;
  readonly x: readonly number[];
  readonly us: readonly number[];
}

/** The shared slope through what is predicted for the mode at balance, over the loads that its workers held. */
function curveOf(
  { title, attribution }: Group,
  { fit, loads, colour }: { fit: DoseResponse; loads: readonly number[]; colour: number },
): Curve[] {
  const { shape, slope, busyShareAtBalance } = fit;
  const balancedUs = attribution?.balancedTailUs ?? null;
  if (shape === "none" || slope === null || balancedUs === null || loads.length === 0) return [];
  const [low, high] = [Math.min(1, ...loads), Math.max(1, ...loads)];
  const steps = Array.from({ length: curvePoints + 1 }, (_, i) => low + ((high - low) * i) / curvePoints);
  const x = [...new Set([...steps, 1])].sort((a, b) => a - b);
  const growth = (at: number): number =>
    logGrowth({ x: at, busyShare: busyShareAtBalance ?? 0 }, { shape, order: middleOrder, slope });
  return [
    {
      series: {
        label: `${title}: fit`,
        kind: "curve",
        colour,
        summary: `${formatMicros(balancedUs)} at balance`,
      },
      x,
      us: x.map((at) => balancedUs * Math.exp(growth(at))),
    },
  ];
}

function noteOf({ slope, reason, interval, shape }: DoseResponse): string {
  if (slope === null) return `No fit: ${reason ?? "not identifiable"}.`;
  const ends = interval?.map((end) => end.toFixed(2)).join(" to ");
  return `A point for each worker and run, without mesh-load's own lag. Curves: the ${shape} fit (slope ${slope.toFixed(2)}${ends === undefined ? "" : ` [${ends}]`}, shared by all runs) through the prediction for balanced workers, a dot, of a mode's median run.`;
}

/** Without lag a tail may be zero or less, which has no place on a logarithmic axis. */
const milliseconds = (us: number | null): number | null => (us === null || us <= 0 ? null : us / 1e3);
