/** HTML: one page that needs nothing but itself, for a browser, a printer and a screen reader. */

import { createHash } from "node:crypto";
import type { ResultSet } from "../../result/result.ts";
import { oneDocument } from "../document.ts";
import type { Document } from "../document.ts";
import { latencyCaption } from "../figures.ts";
import { groupsOf } from "../groups.ts";
import { headline, incompleteness } from "../headline.ts";
import { modeRows, unprovenNotes } from "../mode-table.ts";
import { hasSteps, stepRows } from "../step-table.ts";
import { createStyle } from "../style.ts";
import { warningsOf } from "../warning-lines.ts";
import { workerSections, workerTitles } from "../worker-table.ts";
import type { Chart } from "./chart.ts";
import { figure } from "./chart.ts";
import { doseChart } from "./dose-chart.ts";
import { historyCharts } from "./history-charts.ts";
import { percentileChart, workerCharts } from "./latency-charts.ts";
import { escapeHtml, htmlList, htmlTable, scriptJson } from "./markup.ts";
import { pageScript } from "./page-script.ts";
import { pageStyle } from "./page-style.ts";
import { seriesCharts } from "./series-charts.ts";
import { splitBars } from "./split-bars.ts";
import { loadUplot } from "./uplot.ts";

/** All the sets in one page; of several, their history first. */
export async function html(sets: readonly ResultSet[]): Promise<Document[]> {
  const { script, style } = await loadUplot();
  const charts: Chart[] = [];
  const draw = (some: readonly Chart[]): string => {
    const figures = some.map((chart) => figure(chart, charts.push(chart) - 1));
    return figures.length === 0 ? "" : `<div class="plots">${figures.join("\n")}</div>`;
  };
  const title = sets.length === 1 ? nameOf(sets[0]!) : `${sets.length} result sets`;
  const history = draw(historyCharts(sets));
  const body = [
    history === ""
      ? ""
      : `<section aria-labelledby="history"><h2 id="history">History</h2>${history}</section>`,
    ...sets.map((set, i) => section(set, i, draw)),
  ].join("\n");
  const scripts = [script, pageScript];
  const hashes = scripts.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  const text = `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src ${hashes.join(" ")}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>mesh-load: ${escapeHtml(title)}</title>
<style>${style}
${pageStyle}</style></head>
<body><header><h1>mesh-load report</h1></header>
<main>${body}</main>
<script type="application/json" id="charts">${scriptJson(charts)}</script>
${scripts.map((code) => `<script>${code}</script>`).join("\n")}
</body></html>
`;
  return oneDocument(sets, "html", text);
}

function section(set: ResultSet, index: number, draw: (charts: readonly Chart[]) => string): string {
  const groups = groupsOf(set);
  const inSteps = hasSteps(groups);
  const { titles, rows } = inSteps ? stepRows(groups) : modeRows(groups, createStyle(false));
  const sentences = inSteps ? [] : (set.attribution?.perMode ?? []).map(({ sentence }) => sentence);
  const warnings = warningsOf(set).map(
    ({ warning, where }) => `${warning.code}${where}: ${warning.message}. ${warning.hint}`,
  );
  const workers = workerSections(set, groups).map(({ title, rows: own }) =>
    htmlTable(`Workers: ${title}; latency in ms`, workerTitles, own),
  );
  const parts = [
    `<h2 id="set-${index}">${escapeHtml(nameOf(set))}</h2>`,
    `<p class="meta">${escapeHtml(`${set.startedAt.slice(0, 16).replace("T", " ")} UTC · ${headline(set)}`)}</p>`,
    htmlList(incompleteness(set)),
    `<div class="sentences">${htmlList(sentences)}</div>`,
    groups.length === 0 ? "" : htmlTable(latencyCaption(set.runs), titles, rows),
    htmlList(unprovenNotes(groups)),
    splitBars(set, groups),
    groups.length === 0 ? "" : draw([percentileChart(groups, set.runs), ...doseChart(set)]),
    draw(workerCharts(groups)),
    ...workers,
    draw(seriesCharts(groups)),
    warnings.length === 0 ? "" : `<h3>Doubts</h3>${htmlList(warnings)}`,
    `<details><summary>Plan and environment</summary><pre tabindex="0">${escapeHtml(JSON.stringify({ tool: set.tool, environment: set.environment, plan: set.plan }, null, 2))}</pre></details>`,
  ];
  return `<section aria-labelledby="set-${index}">${parts.join("\n")}</section>`;
}

function nameOf({ labels, id }: ResultSet): string {
  return labels === "" ? id : labels;
}
