/** What a plot shows, as data for the page's script, with its legend, and as a table for those who do not see it. */

import { unknown } from "../figures.ts";
import { escapeHtml, htmlTable } from "./markup.ts";
import { percentileName } from "../../units.ts";

export interface Chart {
  readonly title: string;
  readonly note: string;
  readonly xTitle: string;
  readonly yTitle: string;
  /** `quantile`: x is 1/(1 − q), on a logarithmic axis; `name`: x counts `xNames`, whose second line is under the first. */
  readonly axis: "quantile" | "name" | "number";
  readonly xNames: readonly string[];
  /** What a reader may choose from `xNames` by, one each; empty where there is no choice. */
  readonly xLabels: readonly string[];
  readonly yLog: boolean;
  readonly x: readonly number[];
  readonly series: readonly Series[];
}

export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** `points` alone; a `line` from value to value; a `curve` over what it does not know, with a dot at x = 1. */
  readonly kind: "line" | "points" | "curve";
  /** Number of its colour, and of its dashes: the same thing has the same in all plots of a set. */
  readonly colour: number;
  /** What the legend says of it while nothing is pointed at: `p99 13.5`. */
  readonly summary: string;
  /** The same where a label is chosen, by label. */
  readonly summaryOf?: Readonly<Record<string, string>>;
}

/** What a line is painted with. */
export interface Look {
  /** A variable of the style sheet. */
  readonly paint: string;
  readonly dash: readonly number[];
}

const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3]] as const;
const paints = 8;

/** Colour is not all that tells a line from others: its dashes do too. */
export function lookOf({ colour }: Pick<Series, "colour">): Look {
  const dash = dashes[(colour + Math.floor(colour / paints)) % dashes.length]!;
  return { paint: `--c${colour % paints}`, dash };
}

/** The place of the `id`th chart of a page. */
export function figure(chart: Chart, id: number): string {
  const { title, note, xTitle, yTitle, series } = chart;
  const label = `${title}: ${yTitle} by ${xTitle}, for ${series.map((one) => one.label).join(", ")}. The figures are in the table below.`;
  return `<figure><figcaption><h3>${escapeHtml(title)}</h3><p>${escapeHtml(note)}</p></figcaption>
<div class="plot" id="plot-${id}" role="img" aria-label="${escapeHtml(label)}"></div>
${legend(chart, id)}
<details><summary>Figures of this plot</summary>${figureTable(chart)}</details></figure>`;
}

/** A button for each series, which hides it and shows it again. */
function legend({ series, title, xTitle }: Chart, id: number): string {
  const items = series.map(
    (one, i) =>
      `<li><button type="button" aria-pressed="true" data-series="${i}">${swatch(one)}<b>${escapeHtml(one.label)}</b> <span>${escapeHtml(one.summary)}</span></button></li>`,
  );
  return `<ul class="legend" id="legend-${id}" data-x="${escapeHtml(xTitle)}" aria-label="${escapeHtml(`Shown in ${title}`)}">${items.join("")}</ul><p class="pointed" id="pointed-${id}" aria-hidden="true"></p>`;
}

function swatch(series: Series): string {
  const { kind } = series;
  const { paint, dash } = lookOf(series);
  const dot = `<circle cx="14" cy="6" r="3.5"${kind === "points" ? ' fill="none"' : ""}/>`;
  const line = `<path d="M0 6h28" stroke-dasharray="${dash.join(" ") || "none"}"/>`;
  return `<svg class="swatch" viewBox="0 0 28 12" style="stroke:var(${paint});fill:var(${paint})" aria-hidden="true">${kind === "points" ? "" : line}${kind === "line" ? "" : dot}</svg>`;
}

/** What was measured; a curve is told by its dot, in the legend. */
function figureTable(chart: Chart): string {
  const measured = chart.series.filter(({ kind }) => kind !== "curve");
  const known = [...chart.x.keys()].filter((i) => measured.some(({ values }) => values[i] != null));
  const rows = known.map((i) => [
    nameOfX(chart, chart.x[i]!),
    ...measured.map(({ values }) => formatFigure(values[i] ?? null)),
  ]);
  const titles = [chart.xTitle, ...measured.map(({ label }) => label)];
  const labels = known.flatMap((i) => chart.xLabels[i] ?? []);
  return htmlTable(`${chart.title}, ${chart.yTitle}`, titles, rows, labels);
}

function nameOfX({ axis, xNames }: Chart, x: number): string {
  if (axis === "quantile") return percentileName(1 - 1 / x);
  return axis === "name" ? (xNames[x] ?? "").replace("\n", " ") : formatFigure(x);
}

/** Four significant digits, or a whole number as it is: a count, or a second. */
export function formatFigure(value: number | null): string {
  if (value === null) return unknown;
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
}
