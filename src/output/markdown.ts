/** Markdown for GitHub's step summary (`>> "$GITHUB_STEP_SUMMARY"`), a pull request or a wiki. */

import type { ResultSet } from "../result/result.ts";
import { latencyCaption } from "./figures.ts";
import { groupsOf } from "./groups.ts";
import type { Group } from "./groups.ts";
import { headline, incompleteness } from "./headline.ts";
import {
  blocksWithin,
  escapeMarkdown,
  markdownDetails,
  markdownTable,
  summaryBytes,
} from "./markdown-text.ts";
import { hopCaption, hopSections } from "./hop-table.ts";
import { modeRows, splitLines, unprovenNotes } from "./mode-table.ts";
import { withShortTitles } from "./short-titles.ts";
import { stageCaption, stageRows } from "./stage-table.ts";
import { hasSteps, stepRows } from "./step-table.ts";
import { createStyle } from "./style.ts";
import { warningsOf } from "./warning-lines.ts";
import { workerSections, workerTitles } from "./worker-table.ts";
import { percentileName } from "../units.ts";

/** All the sets, one below the other, within what GitHub shows. */
export function markdown(sets: readonly ResultSet[]): string {
  return blocksWithin(sets.flatMap(blocksOf), summaryBytes);
}

function blocksOf(set: ResultSet): string[] {
  const groups = withShortTitles(groupsOf(set));
  const inSteps = hasSteps(groups);
  const { titles, rows } = inSteps ? stepRows(groups) : modeRows(groups, createStyle(false));
  const most = Math.max(0, ...groups.map(({ runs }) => runs.length));
  const blocks = [
    `### mesh-load: ${escapeMarkdown(set.labels === "" ? set.id : set.labels)}`,
    escapeMarkdown(headline(set)),
    incompleteness(set)
      .map((note) => `**${escapeMarkdown(note)}**`)
      .join(" "),
    groups.length === 0 ? "" : markdownTable(titles, rows),
    groups.length === 0 ? "" : `${latencyCaption(set.runs)}${most > 1 ? `, median of ${most} runs` : ""}.`,
    list(unprovenNotes(groups)),
    ...stages(groups),
    list(set.maxRates.map(({ sentence }) => sentence)),
    inSteps ? "" : list((set.attribution?.perMode ?? []).map(({ sentence }) => sentence)),
    split(set, groups),
    workers(set, groups),
    hops(set, groups),
    list(
      warningsOf(set).map(
        ({ warning, where }) => `${warning.code}${where}: ${warning.message}. ${warning.hint}`,
      ),
      "⚠️ ",
    ),
  ];
  return blocks.filter((block) => block !== "");
}

function stages(groups: readonly Group[]): string[] {
  const { titles, rows } = stageRows(groups);
  return rows.length === 0 ? [] : [markdownTable(titles, rows), `${stageCaption}.`];
}

function split({ attribution }: ResultSet, groups: readonly Group[]): string {
  if (attribution === null || attribution.perMode.length === 0) return "";
  const tail = percentileName(attribution.tailQuantile);
  const lines = splitLines(groups, tail);
  return markdownDetails(
    `Where the ${tail} comes from, in ms: mesh-load's own lag, skew over workers, rest`,
    `\`\`\`\n${lines.join("\n")}\n\`\`\``,
  );
}

function workers(set: ResultSet, groups: readonly Group[]): string {
  const sections = workerSections(set, groups);
  if (sections.length === 0) return "";
  const rows: (readonly string[])[] = [];
  for (const { title, rows: own, hidden } of sections) {
    rows.push(nameOnly(title), ...own);
    if (hidden > 0) rows.push(nameOnly(`and ${hidden} between them`));
  }
  return markdownDetails("Per worker, latency in ms", markdownTable(workerTitles, rows));
}

function hops(set: ResultSet, groups: readonly Group[]): string {
  const { titles, placeTitles, sections } = hopSections(set, groups);
  if (sections.length === 0) return "";
  const places = sections.flatMap(({ title, places: own }) =>
    own.map(([at, ...figures]) => [`${title}: ${at}`, ...figures]),
  );
  const rows: (readonly string[])[] = [];
  for (const { title, rows: own } of sections)
    rows.push(
      titles.map((_, i) => (i === 0 ? title : "")),
      ...own,
    );
  const notes = sections.flatMap(({ title, notes: own }) => own.map((note) => `${title}: ${note}`));
  return markdownDetails(
    hopCaption,
    [markdownTable(titles, rows), places.length === 0 ? "" : markdownTable(placeTitles, places), list(notes)]
      .filter(Boolean)
      .join("\n\n"),
  );
}

function nameOnly(name: string): string[] {
  return workerTitles.map((_, i) => (i === 0 ? name : ""));
}

function list(items: readonly string[], mark = ""): string {
  return items.map((item) => `- ${mark}${escapeMarkdown(item)}`).join("\n");
}
