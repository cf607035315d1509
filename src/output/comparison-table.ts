/** A comparison on a terminal: what changed in each mode, how sure that is, and what the gates say. */

import type { Check, ComparedGroup, ComparedMetric, Comparison, MetricSide } from "../compare/comparison.ts";
import type { GateResult, Verdict } from "../compare/comparison.ts";
import { formatEffect, formatValue } from "../compare/words.ts";
import { formatMillis } from "../units.ts";
import { unknown } from "./figures.ts";
import { renderGrid } from "./grid.ts";
import { createStyle } from "./style.ts";
import type { Look } from "./style.ts";
import { wrap } from "./wrap.ts";

export interface ComparisonTableOptions {
  /** Width to wrap running text at; the tables need 80. */
  readonly columns: number;
  readonly color: boolean;
}

/** The whole comparison, ending with a line feed. */
export function renderComparison(comparison: Comparison, { columns, color }: ComparisonTableOptions): string {
  const look = { style: createStyle(color), width: Math.max(40, columns) };
  return joinSections([
    wrap(comparisonHeadline(comparison), look.width),
    ...comparison.groups.map((group) => groupSection(comparison, group, look)),
    differenceLines(comparison, look),
    comparison.notes.flatMap((note) => wrap(`! ${note}`, look.width)).map(look.style.doubt),
    gateLines(comparison, look),
  ]);
}

/** What absolute gates say of a result set. */
export function renderCheck(check: Check, { columns, color }: ComparisonTableOptions): string {
  const look = { style: createStyle(color), width: Math.max(40, columns) };
  const { name, runs } = check.candidate;
  return joinSections([
    wrap(`${name}: ${runs} ${runs === 1 ? "run" : "runs"}`, look.width),
    check.notes.flatMap((note) => wrap(`! ${note}`, look.width)).map(look.style.doubt),
    gateLines(check, look),
  ]);
}

function joinSections(sections: readonly (readonly string[])[]): string {
  const filled = sections.filter((lines) => lines.length > 0);
  return `${filled.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** What is compared, or checked. */
export function comparisonTitle(comparison: Comparison | Check): string {
  const { candidate } = comparison;
  if (!("groups" in comparison)) return candidate.name;
  const { of, baseline } = comparison;
  const sets = [...new Set(candidate.sets.map(({ labels, id }) => labels || id))].join(", ");
  switch (of) {
    case "modes":
      return `Modes of ${sets} against ${baseline.name}`;
    case "sides":
      return `Side b against side a of ${sets}`;
    case "sets":
      return `${candidate.name} against ${baseline.name}`;
    default:
      return of satisfies never;
  }
}

/** The same, and at which level. */
export function comparisonHeadline(comparison: Comparison): string {
  const { of, baseline, candidate, alpha } = comparison;
  const left = [baseline, ...(of === "modes" ? [] : [candidate])];
  const count = (pick: "interrupted" | "failed"): number => left.reduce((sum, side) => sum + side[pick], 0);
  const leftOut = [
    ...(count("interrupted") > 0 ? [`${count("interrupted")} interrupted`] : []),
    ...(count("failed") > 0 ? [`${count("failed")} failed`] : []),
  ];
  return [
    comparisonTitle(comparison),
    "medians, and the median difference",
    `tests at ${Number((alpha * 100).toPrecision(3))} % on one side`,
    ...(leftOut.length === 0 ? [] : [`left out: ${leftOut.join(", ")} runs`]),
  ].join(" · ");
}

const titles = ["", "baseline", "candidate", "change", "interval", "would see", "verdict"] as const;

/** Over a group's metrics, as `metricRow` gives them. */
export function metricTitles({ alpha }: Comparison): string[] {
  const level = Math.round((1 - 2 * alpha) * 100);
  return titles.map((name) => (name === "interval" ? `${level} % interval` : name));
}

/** Which runs a group's table compares. */
export function groupTitle({ of, baseline }: Comparison, group: ComparedGroup): string {
  const { title, pairs } = group;
  const runs =
    pairs > 0
      ? `${pairs} ${pairs === 1 ? "pair" : "pairs"} of runs, side by side`
      : `${group.baseline.runs} runs against ${group.candidate.runs}`;
  const against = of === "modes" ? ` against ${baseline.name}` : "";
  const luck = group.luck ? "; where its connections land is luck" : "";
  return `${title}${against}: ${runs}${luck}; latency in ms`;
}

function groupSection(comparison: Comparison, group: ComparedGroup, look: Look): string[] {
  const grid = renderGrid(
    metricTitles(comparison).map((title, i) => ({
      title,
      align: i === 0 || title === "verdict" ? "left" : "right",
    })),
    group.metrics.map((metric) => metricRow(metric, look)),
    look.width,
  );
  return [
    ...wrap(groupTitle(comparison, group), look.width).map(look.style.dim),
    look.style.title(grid[0]!),
    ...grid.slice(1),
    ...reasonLines(group.metrics, look),
  ];
}

/** A metric's cells; `*` marks a gated one. */
export function metricRow(metric: ComparedMetric, look: Look): string[] {
  const { effect, interval, detectable, better, gate, verdict } = metric;
  const worse = better === "lower" ? 1 : -1;
  const mark = gate === null ? "" : " *";
  return [
    `${metric.metric}${mark}`,
    sideCell(metric.baseline, metric),
    sideCell(metric.candidate, metric),
    effect === null ? unknown : formatEffect(effect, metric),
    effect === null ? unknown : intervalCell(interval, metric),
    detectable === null ? unknown : formatEffect(worse * detectable, metric),
    verdictStyle(verdict, look)(verdict),
  ];
}

/** The median of a side, without the unit of durations: milliseconds. */
export function sideCell({ median, censored }: MetricSide, { unit }: ComparedMetric): string {
  if (median === null) return unknown;
  const text = unit === "us" ? formatMillis(median) : formatValue(median, unit);
  return censored > 0 ? `≥${text}` : text;
}

/** `−13.2 to +34.0 %`: the unit once. */
export function intervalCell([low, high]: ComparedMetric["interval"], metric: ComparedMetric): string {
  const lowText = low === null ? "−∞" : formatEffect(low, metric);
  const highText = high === null ? "∞" : formatEffect(high, metric);
  const unit = / \S+$/.exec(highText)?.[0];
  return `${unit !== undefined && lowText.endsWith(unit) ? lowText.slice(0, -unit.length) : lowText} to ${highText}`;
}

function verdictStyle(verdict: Verdict, { style }: Look): (text: string) => string {
  switch (verdict) {
    case "regressed":
      return style.bad;
    case "improved":
      return style.good;
    case "inconclusive":
    case "underpowered":
      return style.doubt;
    case "equivalent":
      return (text) => text;
    case "unsupported":
      return style.dim;
    default:
      return verdict satisfies never;
  }
}

/** Why metrics have no verdict that says something, those with the same reason together. */
export function reasonsOf(metrics: readonly ComparedMetric[]): string[] {
  const byReason = Map.groupBy(
    metrics.filter(({ reason }) => reason !== null),
    ({ reason }) => reason!,
  );
  return [...byReason].map(
    ([reason, own]) => `${[...new Set(own.map(({ metric }) => metric))].join(", ")}: ${reason}`,
  );
}

function reasonLines(metrics: readonly ComparedMetric[], { width, style }: Look): string[] {
  return reasonsOf(metrics).flatMap((reason) => wrap(reason, width, { first: "  ", hang: 4 }).map(style.dim));
}

function differenceLines(comparison: Comparison, { width, style }: Look): string[] {
  const text = differencesText(comparison);
  if (text === "") return [];
  return comparison.of === "sides" ? wrap(text, width) : wrap(`! ${text}`, width).map(style.doubt);
}

/** In what the sides were not measured alike; empty where they were. */
export function differencesText({ differences, of }: Comparison): string {
  if (differences.length === 0) return "";
  const lines = differences.map(
    ({ field, baseline, candidate }) => `${field} is ${baseline} against ${candidate}`,
  );
  return `${of === "sides" ? "The sides differ" : "Not measured alike"}: ${lines.join("; ")}`;
}

function gateLines({ gates, outcome }: Pick<Comparison, "gates" | "outcome">, look: Look): string[] {
  if (gates.length === 0) return [];
  const { style } = look;
  const paint = { passed: style.good, failed: style.bad, undecided: style.doubt }[outcome];
  const last = paint(outcomeLine({ gates, outcome }));
  return [style.dim("Gates (*)"), ...gates.flatMap((gate) => gateLine(gate, look)), last];
}

/** What the gates say together. */
export function outcomeLine({ gates, outcome }: Pick<Comparison, "gates" | "outcome">): string {
  const count = gates.filter((gate) => gate.outcome === outcome).length;
  if (outcome === "failed") return `Failed: ${count} of ${gates.length} gates`;
  if (outcome === "undecided") return `Undecided: ${count} of ${gates.length} gates`;
  return `Passed: ${gates.length === 1 ? "the gate holds" : `all ${gates.length} gates hold`}`;
}

/** What stands before a gate. */
export const gateMarks: Readonly<Record<GateResult["outcome"], string>> = {
  passed: "✓",
  failed: "✗",
  undecided: "?",
};

function gateLine({ gate, title, outcome, message }: GateResult, { style, width }: Look): string[] {
  const paint = { passed: style.good, failed: style.bad, undecided: style.doubt }[outcome];
  const [first, ...rest] = wrap(`${gate} in ${title}: ${message}`, width - 2);
  return [`${paint(gateMarks[outcome])} ${first!}`, ...rest.map((line) => `  ${line}`)];
}
