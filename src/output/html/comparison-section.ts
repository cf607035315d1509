/** A comparison in a page: what the gates say, every mode's effects with their intervals, and both sides' curves. */

import type { Check, ComparedGroup, Comparison, GroupSide } from "../../compare/comparison.ts";
import {
  comparisonHeadline,
  differencesText,
  gateMarks,
  groupTitle,
  metricRow,
  metricTitles,
  outcomeLine,
  reasonsOf,
} from "../comparison-table.ts";
import { createStyle } from "../style.ts";
import type { Chart } from "./chart.ts";
import { forest, forestKey } from "./forest.ts";
import { curves } from "./latency-charts.ts";
import type { Line } from "./latency-charts.ts";
import { escapeHtml, htmlList, htmlTable } from "./markup.ts";
import type { Plots } from "./page.ts";

export interface SectionOptions {
  /** Names it in the page. */
  readonly id: string;
  /** Of its heading. */
  readonly level: 2 | 3;
  /** Where both sides' percentile curves go; absent where the page has them already. */
  readonly plots?: Plots;
}

export function comparisonSection(comparison: Comparison, { plots, id, level }: SectionOptions): string {
  const { groups, notes } = comparison;
  const differences = differencesText(comparison);
  return `<section aria-labelledby="${id}"><h${level} id="${id}">${escapeHtml(comparisonHeadline(comparison))}</h${level}>
${gateList(comparison)}${htmlList([...(differences === "" ? [] : [differences]), ...notes])}${forestKey(intervalPercent(comparison))}
${groups.map((group) => groupPart(comparison, group, { plots, level: level + 1 })).join("\n")}</section>`;
}

/** The outcome, and a line for each gate. */
function gateList({ gates, outcome }: Pick<Comparison | Check, "gates" | "outcome">): string {
  if (gates.length === 0) return "";
  const lines = gates.map(
    ({ gate, title, message, outcome: own }) =>
      `<li class="${own}"><b>${gateMarks[own]} ${own}</b> ${escapeHtml(`${gate} in ${title}: ${message}`)}</li>`,
  );
  return `<p class="outcome ${outcome}">${gateMarks[outcome]} ${escapeHtml(outcomeLine({ gates, outcome }))}</p><ul class="gates">${lines.join("\n")}</ul>`;
}

const plain = { style: createStyle(false), width: 80 };

function groupPart(
  comparison: Comparison,
  group: ComparedGroup,
  { plots, level }: { plots: Plots | undefined; level: number },
): string {
  const title = groupTitle(comparison, group);
  const rows = group.metrics.map((metric) => metricRow(metric, plain));
  return `<h${level}>${escapeHtml(title)}</h${level}>
${forest(group.metrics, intervalPercent(comparison))}
${htmlList(reasonsOf(group.metrics))}
<details><summary>All figures as a table</summary>${htmlTable(title, metricTitles(comparison), rows)}</details>
${plots?.draw([sidesChart(comparison, group)]) ?? ""}`;
}

const intervalPercent = ({ alpha }: Comparison): number => Math.round((1 - 2 * alpha) * 100);

function sidesChart({ of, baseline, candidate }: Comparison, group: ComparedGroup): Chart {
  const name = (side: Comparison["baseline"]): string => (of === "sides" ? `side ${side.name}` : side.name);
  return curves(
    `Latency by percentile: ${group.title}`,
    "Latency in ms. The runs of a side are put together: to look at, not to judge by.",
    [
      lineOf(name(baseline), 0, group.baseline),
      lineOf(of === "modes" ? group.title : name(candidate), 1, group.candidate),
    ],
  );
}

function lineOf(name: string, colour: number, { runs, latency }: GroupSide): Line {
  const label = `${name} (${runs} ${runs === 1 ? "run" : "runs"})`;
  return { label, colour, distributions: [latency], runs };
}
