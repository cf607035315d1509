/** HTML: one page that needs nothing but itself, for a browser, a printer and a screen reader. */

import { compare } from "../../compare/compare.ts";
import type { Comparison } from "../../compare/comparison.ts";
import { MeshLoadError } from "../../errors.ts";
import type { ResultSet } from "../../result/result.ts";
import { oneDocument } from "../document.ts";
import type { Document } from "../document.ts";
import { latencyCaption } from "../figures.ts";
import { groupsOf } from "../groups.ts";
import type { Group } from "../groups.ts";
import { headline, incompleteness } from "../headline.ts";
import { modeRows, unprovenNotes } from "../mode-table.ts";
import { stageCaption, stageRows } from "../stage-table.ts";
import { hasSteps, stepRows } from "../step-table.ts";
import { createStyle } from "../style.ts";
import { warningsOf } from "../warning-lines.ts";
import { comparisonSection } from "./comparison-section.ts";
import { doseChart } from "./dose-chart.ts";
import { history } from "./history.ts";
import { hopTables } from "./hop-tables.ts";
import { percentileChart, workerCharts } from "./latency-charts.ts";
import { escapeHtml, htmlList, htmlTable } from "./markup.ts";
import { page, Plots } from "./page.ts";
import { seriesCharts } from "./series-charts.ts";
import { splitBars } from "./split-bars.ts";
import { workerTables } from "./worker-tables.ts";

/** Of more sets than this each is folded: their history is what is looked at. */
const mostOpen = 3;

/** All the sets in one page; of several, their history first. */
export async function html(sets: readonly ResultSet[]): Promise<Document[]> {
  const plots = new Plots();
  const title = sets.length === 1 ? nameOf(sets[0]!) : `${sets.length} result sets`;
  const body = [
    history(sets, plots),
    ...sets.map((set, index) =>
      section(set, { index, plots, open: sets.length <= mostOpen, alone: sets.length === 1 }),
    ),
  ].join("\n");
  const text = await page({ title, heading: "mesh-load report", body, plots });
  return oneDocument(sets, "html", text);
}

interface Place {
  readonly index: number;
  readonly plots: Plots;
  readonly open: boolean;
  readonly alone: boolean;
}

function section(set: ResultSet, { index, plots, open, alone }: Place): string {
  const heading = `<h2 id="set-${index}">${escapeHtml(nameOf(set))}</h2>`;
  // The date belongs to the name: sets may have the same label.
  const date = `<span id="date-${index}">${escapeHtml(set.startedAt.slice(0, 16).replace("T", " "))} UTC</span>`;
  const meta = `<p class="meta">${date} · ${escapeHtml(headline(set))}</p>`;
  const parts = partsOf(set, index, plots);
  const body = alone
    ? `${heading}${meta}${parts}`
    : `<details class="set"${open ? " open" : ""}><summary>${heading}${meta}</summary>${parts}</details>`;
  return `<section aria-labelledby="set-${index} date-${index}">${body}</section>`;
}

function partsOf(set: ResultSet, index: number, plots: Plots): string {
  const groups = groupsOf(set);
  const inSteps = hasSteps(groups);
  const { titles, rows } = inSteps ? stepRows(groups) : modeRows(groups, createStyle(false));
  const sentences = inSteps ? [] : (set.attribution?.perMode ?? []).map(({ sentence }) => sentence);
  const warnings = warningsOf(set).map(
    ({ warning, where }) => `${warning.code}${where}: ${warning.message}. ${warning.hint}`,
  );
  const comparison = comparisonWithin(set);
  return [
    htmlList(incompleteness(set)),
    `<div class="sentences">${htmlList([...set.maxRates.map(({ sentence }) => sentence), ...sentences])}</div>`,
    groups.length === 0 ? "" : htmlTable(latencyCaption(set.runs), titles, rows),
    htmlList(unprovenNotes(groups)),
    stageTable(groups),
    splitBars(set, groups),
    groups.length === 0 ? "" : plots.draw([percentileChart(groups, set.runs), ...doseChart(set, groups)]),
    comparison === null ? "" : comparisonSection(comparison, { id: `comparison-${index}`, level: 3 }),
    workerTables(set, groups),
    hopTables(set, groups),
    plots.draw(workerCharts(groups)),
    plots.draw(seriesCharts(groups)),
    warnings.length === 0 ? "" : `<h3>Doubts</h3>${htmlList(warnings)}`,
    `<details><summary>Plan and environment</summary><pre tabindex="0">${escapeHtml(JSON.stringify({ tool: set.tool, environment: set.environment, plan: set.plan }, null, 2))}</pre></details>`,
  ].join("\n");
}

function stageTable(groups: readonly Group[]): string {
  const { titles, rows } = stageRows(groups);
  return rows.length === 0 ? "" : htmlTable(stageCaption, titles, rows);
}

/** The sides of a set against each other, or its modes; `null` where its runs are too few to bound anything. */
function comparisonWithin(set: ResultSet): Comparison | null {
  const hasSides = set.runs.some(({ side }) => side !== "");
  try {
    const comparison = compare(hasSides ? { sides: [set] } : { modes: [set] });
    const isBounded = comparison.groups.some(({ metrics }) =>
      metrics.some(({ interval }) => interval.every((end) => end !== null)),
    );
    return hasSides || isBounded ? comparison : null;
  } catch (error) {
    if (error instanceof MeshLoadError) return null;
    throw error;
  }
}

function nameOf({ labels, id }: ResultSet): string {
  return labels === "" ? id : labels;
}
