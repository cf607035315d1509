/** A row for each mode (or URL): the rate asked and got, the latency, and whether the mode was proven. */

import { median } from "../order-statistics.ts";
import { modeTitle } from "../plan/mode.ts";
import type { Run } from "../result/result.ts";
import { formatAsked, formatRate, latencyOf, quantileMs, splitLine, unknown } from "./figures.ts";
import { renderGrid } from "./grid.ts";
import type { Group } from "./groups.ts";
import type { Look, Style } from "./style.ts";
import { wrap } from "./wrap.ts";

const quantiles = ["50", "90", "99", "99.9", "max"] as const;

/** The titles, and a row for each group; `style` paints the mark of a proven mode. */
export function modeRows(groups: readonly Group[], style: Style): { titles: string[]; rows: string[][] } {
  const titles = [
    "",
    "asked",
    "qps",
    ...quantiles.map((key) => (key === "max" ? "max" : `p${key}`)),
    "proven",
  ];
  const rows = groups.map(({ title, runs, mode }) => [
    title,
    formatAsked(runs),
    formatRate(median(runs.map(({ actual }) => actual.qps))),
    ...quantiles.map((key) => quantileMs(runs, latencyOf, key)),
    mode === null ? inEffectOf(runs) : provenMark(runs, style),
  ]);
  return { titles, rows };
}

/** The table, and under it why a mode is not proven. */
export function modeTable(groups: readonly Group[], look: Look): string[] {
  const { style, width } = look;
  const { titles, rows } = modeRows(groups, style);
  const grid = renderGrid(
    titles.map((title, i) => ({ title, align: i === 0 ? "left" : "right" })),
    rows,
    width,
  );
  return [
    style.title(grid[0]!),
    ...grid.slice(1),
    ...unprovenNotes(groups).flatMap((note) => wrap(note, width)),
  ];
}

/** How the tail comes about, a line for each mode. */
export function splitLines(groups: readonly Group[], tail: string): string[] {
  const split = groups.filter(({ attribution }) => attribution !== null);
  const width = Math.max(...split.map(({ title }) => title.length));
  return split.map(({ title, attribution }) => `${title.padEnd(width)}  ${tail} ${splitLine(attribution!)}`);
}

const isProven = ({ mode, proof }: Run): boolean => proof.inEffect === mode;

function provenMark(runs: readonly Run[], style: Style): string {
  if (runs.every(isProven)) return style.good("✓");
  return runs.some((run) => run.proof.inEffect !== null && !isProven(run))
    ? style.bad("✗")
    : style.doubt("?");
}

/** Of a target whose mode nobody asked for: what was found. */
function inEffectOf(runs: readonly Run[]): string {
  return runs[0]!.proof.inEffect ?? unknown;
}

/** Why modes do not count as proven. */
export function unprovenNotes(groups: readonly Group[]): string[] {
  return groups.map(unprovenNote).filter((note) => note !== "");
}

/** Why the group's mode does not count as proven; empty where it does. */
function unprovenNote({ mode, runs, title }: Group): string {
  const run = mode === null ? undefined : runs.find((one) => !isProven(one));
  if (run === undefined) return "";
  const found =
    run.proof.inEffect === null ? "not proven" : `not in effect, but ${modeTitle[run.proof.inEffect]}`;
  return `${title}: ${found}: ${run.proof.reason}`;
}
