/** A comparison as Markdown for GitHub's step summary: what the gates say first, then what changed. */

import type { Check, Comparison, GateResult } from "../compare/comparison.ts";
import {
  comparisonHeadline,
  differencesText,
  groupTitle,
  metricRow,
  metricTitles,
  outcomeLine,
} from "./comparison-table.ts";
import {
  blocksWithin,
  escapeMarkdown,
  markdownDetails,
  markdownTable,
  summaryBytes,
} from "./markdown-text.ts";
import { createStyle } from "./style.ts";

const marks: Readonly<Record<GateResult["outcome"], string>> = {
  passed: "✅",
  failed: "❌",
  undecided: "❔",
};

export function comparisonMarkdown(comparison: Comparison | Check): string {
  const { gates, notes, outcome } = comparison;
  const title = "groups" in comparison ? comparisonHeadline(comparison) : comparison.candidate.name;
  const blocks = [
    `### mesh-load: ${escapeMarkdown(title)}`,
    gates.length === 0 ? "" : `${marks[outcome]} **${escapeMarkdown(outcomeLine(comparison))}**`,
    list(
      gates.map(
        ({ gate, title: group, message, outcome: own }) => `${marks[own]} ${gate} in ${group}: ${message}`,
      ),
    ),
    ...("groups" in comparison ? groupBlocks(comparison) : []),
    "groups" in comparison ? escapeMarkdown(differencesText(comparison)) : "",
    list(notes.map((note) => `⚠️ ${note}`)),
  ];
  return blocksWithin(
    blocks.filter((block) => block !== ""),
    summaryBytes,
  );
}

/** The whole tables are folded: the gates say whether to look. */
function groupBlocks(comparison: Comparison): string[] {
  const look = { style: createStyle(false), width: 80 };
  return comparison.groups.map((group) =>
    markdownDetails(
      groupTitle(comparison, group),
      markdownTable(
        metricTitles(comparison),
        group.metrics.map((metric) => metricRow(metric, look)),
      ),
    ),
  );
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${escapeMarkdown(item)}`).join("\n");
}
