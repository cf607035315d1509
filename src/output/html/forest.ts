/** Effects with their intervals, a row for each metric on one axis: drawn as SVG, told in words beside it. */

import type { ComparedMetric, Verdict } from "../../compare/comparison.ts";
import { formatEffect } from "../../compare/words.ts";
import { intervalCell, sideCell } from "../comparison-table.ts";
import { unknown } from "../figures.ts";
import { escapeHtml } from "./markup.ts";

/** The axis is even around 0 up to this, and logarithmic beyond it, so that 1 % and 100 % both show. */
const evenUpTo = 0.01;
const leastReach = 0.05;
/** What is farther out ends in an arrow: a few runs bound little. */
const mostReach = 3;

/** Changes that are named on the axis; every other where more of them than `mostTicks` are within reach. */
const ticks = [0.01, 0.03, 0.1, 0.3, 1, 3];
const mostTicks = 3;

const marks: Readonly<Record<Verdict, string>> = {
  regressed: "✗",
  improved: "✓",
  equivalent: "=",
  inconclusive: "?",
  underpowered: "?",
  unsupported: unknown,
};

/** The metrics of one group, whose intervals are of so many per cent. */
export function forest(metrics: readonly ComparedMetric[], intervalPercent: number): string {
  const reach = reachOf(metrics);
  const at = (change: number): number =>
    50 + (50 * Math.asinh(clamp(change, reach) / evenUpTo)) / Math.asinh(reach / evenUpTo);
  const rows = metrics.map((metric) => {
    const { metric: name, gate, effect, interval, verdict, baseline, candidate } = metric;
    const change =
      effect === null
        ? unknown
        : `${formatEffect(effect, metric)} <small>[${intervalCell(interval, metric)}]</small>`;
    const sides = effect === null ? "" : `${sideCell(baseline, metric)} → ${sideCell(candidate, metric)}`;
    return `<li class="${verdict}"><b>${escapeHtml(name)}${gate === null ? "" : " *"}</b>${effect === null ? "<i></i>" : drawing(metric, { at, reach })}<small>${sides}</small><span>${change}</span><em>${marks[verdict]} ${verdict}</em></li>`;
  });
  return `<ul class="forest" aria-label="Changes with their ${intervalPercent} % intervals">${rows.join("\n")}</ul>
<div class="forest-axis" aria-hidden="true"><b></b><p>${axisLabels(reach, at)}</p></div>`;
}

/** What the drawings mean, for above them. */
export function forestKey(intervalPercent: number): string {
  return `<p class="meta">Medians of both sides (latency in ms), and the change with its ${intervalPercent} % interval, in % (failures and skewShare: in points), on an axis that is logarithmic beyond 1 %. Shaded is what counts as equal; the thick line is the bound of a gate (*).</p>`;
}

type Place = (change: number) => number;

function drawing(metric: ComparedMetric, { at, reach }: { at: Place; reach: number }): string {
  const worse = metric.better === "lower" ? 1 : -1;
  const relative = relativeTo(metric);
  const [low, high] = metric.interval.map((end) => (end === null ? null : relative(end)));
  const tolerance = relative(metric.tolerance);
  const [from, to] = [at(low ?? -Infinity), at(high ?? Infinity)];
  const upright = (x: number, name: string): string => `<path class="${name}" d="M${fixed(x)} 0v20"/>`;
  return `<svg viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true"><rect class="equal" x="${fixed(at(-tolerance))}" width="${fixed(at(tolerance) - at(-tolerance))}" height="20"/>${upright(50, "zero")}${metric.gate === null ? "" : upright(at(worse * tolerance), "bound")}<path class="interval" d="M${fixed(from)} 10H${fixed(to)}"/>${low === null || low! < -reach ? '<path class="interval" d="M1.5 5L.3 10L1.5 15"/>' : ""}${high === null || high! > reach ? '<path class="interval" d="M98.5 5L99.7 10L98.5 15"/>' : ""}<path class="dot" d="M${fixed(at(relative(metric.effect!)))} 10h0"/></svg>`;
}

/** An effect as a share of the baseline, or as points: what the axis counts. */
function relativeTo({ scale, unit, baseline }: ComparedMetric): (effect: number) => number {
  if (scale === "ratio" || unit === "share" || !baseline.median) return (effect) => effect;
  return (effect) => effect / baseline.median!;
}

/** The farthest thing that is worth its place: effects and tolerances whole, intervals as far as they go. */
function reachOf(metrics: readonly ComparedMetric[]): number {
  const ends = metrics.flatMap((metric) => {
    const { effect, interval, tolerance } = metric;
    const known = [effect, ...interval].filter((value) => value !== null);
    return effect === null ? [] : [...known, tolerance].map((value) => Math.abs(relativeTo(metric)(value)));
  });
  return Math.min(mostReach, Math.max(leastReach, ...ends) * 1.3);
}

function axisLabels(reach: number, at: Place): string {
  const within = ticks.filter((tick) => tick < reach * 0.85);
  const named = within.length > mostTicks ? within.filter((_, i) => i % 2 === 0) : within;
  const label = (change: number, text: string): string =>
    `<span style="left:${fixed(at(change))}%">${text}</span>`;
  return [
    label(0, "0"),
    ...named.flatMap((tick) =>
      [-1, 1].map((sign) => label(sign * tick, `${sign < 0 ? "−" : "+"}${Math.round(tick * 100)} %`)),
    ),
  ].join("");
}

const clamp = (change: number, reach: number): number => Math.min(reach, Math.max(-reach, change));
const fixed = (place: number): string => String(Number(place.toFixed(2)));
