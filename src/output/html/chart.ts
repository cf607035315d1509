/** What a plot shows, as data for the page's script, and the same as a table for those who do not see it. */

import { nameOfQuantile, unknown } from "../figures.ts";
import { escapeHtml, htmlTable } from "./markup.ts";

export interface Chart {
  readonly title: string;
  readonly note: string;
  readonly xTitle: string;
  readonly yTitle: string;
  /** `quantile`: x is 1/(1 − q), on a logarithmic axis; `name`: x counts `xNames`. */
  readonly axis: "quantile" | "name" | "number";
  readonly xNames: readonly string[];
  readonly yLog: boolean;
  /** Points alone, without lines. */
  readonly scattered: boolean;
  readonly x: readonly number[];
  readonly series: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
}

/** The place of the `id`th chart of a page. */
export function figure(chart: Chart, id: number): string {
  const titles = [chart.xTitle, ...chart.series.map(({ label }) => label)];
  const rows = chart.x.map((x, i) => [
    nameOfX(chart, x),
    ...chart.series.map(({ values }) => formatFigure(values[i] ?? null)),
  ]);
  const label = `${chart.title}: ${chart.yTitle} by ${chart.xTitle}, for ${chart.series.map((one) => one.label).join(", ")}. The figures are in the table below.`;
  return `<figure><figcaption><h3>${escapeHtml(chart.title)}</h3><p>${escapeHtml(chart.note)}</p></figcaption>
<div class="plot" id="plot-${id}" role="img" aria-label="${escapeHtml(label)}"></div>
<details><summary>Figures of this plot</summary>${htmlTable(`${chart.title}, ${chart.yTitle}`, titles, rows)}</details></figure>`;
}

function nameOfX({ axis, xNames }: Chart, x: number): string {
  if (axis === "quantile") return nameOfQuantile(1 - 1 / x);
  return axis === "name" ? (xNames[x] ?? "") : formatFigure(x);
}

function formatFigure(value: number | null): string {
  return value === null ? unknown : String(Number(value.toPrecision(4)));
}
