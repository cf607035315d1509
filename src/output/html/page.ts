/** The frame of a page that needs nothing but itself: style, what is said, and the plots' data and script. */

import { createHash } from "node:crypto";
import { figure, lookOf } from "./chart.ts";
import type { Chart } from "./chart.ts";
import { escapeHtml, scriptJson } from "./markup.ts";
import { pageScript } from "./page-script.ts";
import { pageStyle } from "./page-style.ts";
import { loadUplot } from "./uplot.ts";

/** The plots of a page, in the order in which they are drawn into it. */
export class Plots {
  readonly charts: Chart[] = [];

  /** The places of these charts, side by side where there is room. */
  draw(charts: readonly Chart[]): string {
    if (charts.length === 0) return "";
    return `<div class="plots">${charts.map((chart) => this.place(chart)).join("\n")}</div>`;
  }

  /** The place of one. */
  place(chart: Chart): string {
    return figure(chart, this.charts.push(chart) - 1);
  }
}

/** The whole document. `body` is HTML, the title text. */
export async function page({
  title,
  heading,
  body,
  plots,
}: {
  readonly title: string;
  readonly heading: string;
  readonly body: string;
  readonly plots: Plots;
}): Promise<string> {
  const { script, style } = await loadUplot();
  const scripts = [script, pageScript];
  const hashes = scripts.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  const charts = plots.charts.map((chart) => ({
    ...chart,
    series: chart.series.map((series) => ({ ...series, ...lookOf(series) })),
  }));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src ${hashes.join(" ")}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>mesh-load: ${escapeHtml(title)}</title>
<style>${style}
${pageStyle}</style></head>
<body><header><h1>${escapeHtml(heading)}</h1></header>
<main>${body}</main>
<script type="application/json" id="charts">${scriptJson(charts)}</script>
${scripts.map((code) => `<script>${code}</script>`).join("\n")}
</body></html>
`;
}
