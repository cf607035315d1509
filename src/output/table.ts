/** The report on a terminal: what was asked and got, where the tail comes from, what to doubt. */

import type { ResultSet } from "../result/result.ts";
import type { Page } from "./document.ts";
import { latencyCaption } from "./figures.ts";
import { groupsOf } from "./groups.ts";
import type { Group } from "./groups.ts";
import { headline, incompleteness } from "./headline.ts";
import { hopTable } from "./hop-table.ts";
import { modeTable, splitLines } from "./mode-table.ts";
import { requestKindTable } from "./request-kinds.ts";
import { outcomeLines, partsTable } from "./run-details.ts";
import { withShortTitles } from "./short-titles.ts";
import { stageTable } from "./stage-table.ts";
import { hasSteps, stepTable } from "./step-table.ts";
import { createStyle } from "./style.ts";
import type { Look } from "./style.ts";
import { warningLines } from "./warning-lines.ts";
import { workerTable } from "./worker-table.ts";
import { wrap } from "./wrap.ts";
import { percentileName } from "../units.ts";

export interface TableOptions extends Page {
  /** Path of the result file; nothing is said of it where it is absent. */
  readonly savedAs?: string | null;
}

/** The reports of several sets, an empty line between them. */
export function table(sets: readonly ResultSet[], page: Page): string {
  return sets.map((set) => renderTable(set, page)).join("\n");
}

/** The whole report, ending with a line feed. */
export function renderTable(set: ResultSet, { columns, color, savedAs = null }: TableOptions): string {
  const look = { style: createStyle(color), width: Math.max(40, columns) };
  const groups = withShortTitles(groupsOf(set));
  const sections = [
    wrap(headline(set), look.width),
    latencySection(set, groups, look),
    set.maxRates.flatMap(({ sentence }) => wrap(sentence, look.width)),
    stageTable(groups, look),
    set.runs.length === 1 ? partsTable(set.runs[0]!, look) : [],
    set.runs.length > 0 ? outcomeLines(set, look) : [],
    requestKindTable(groups, look),
    splitSection(set, groups, look),
    // Of every step they would be pages; the result has them.
    ...(hasSteps(groups)
      ? []
      : [workerSection(set, groups, look), hopTable(set, groups, look), sentences(set, look)]),
    warningLines(set, look),
    savedAs === null ? [] : [`Saved as ${savedAs}`],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function latencySection(set: ResultSet, groups: readonly Group[], look: Look): string[] {
  const { style } = look;
  const notes = incompleteness(set);
  const noted = notes.length === 0 ? [] : [style.doubt(notes.join(" "))];
  if (groups.length === 0) return noted;
  const most = Math.max(...groups.map((group) => group.runs.length));
  const over = most === 1 ? "" : `, median of ${most} runs`;
  return [
    ...noted,
    style.dim(`${latencyCaption(set.runs)}${over}`),
    ...(hasSteps(groups) ? stepTable(groups, look) : modeTable(groups, look)),
  ];
}

function splitSection({ attribution }: ResultSet, groups: readonly Group[], { style }: Look): string[] {
  if (attribution === null || attribution.perMode.length === 0) return [];
  const tail = percentileName(attribution.tailQuantile);
  return [
    style.dim(`Where the ${tail} comes from, in ms: mesh-load's own lag, skew over workers, rest`),
    ...splitLines(groups, tail),
  ];
}

function workerSection(set: ResultSet, groups: readonly Group[], look: Look): string[] {
  const table = workerTable(set, groups, look);
  if (table.length === 0) return [];
  const many = groups.some(({ runs }) => runs.length > 1);
  const title = `Per worker, latency in ms${many ? "; of each mode the run nearest to its median" : ""}`;
  return [look.style.dim(title), ...table];
}

/** What it comes to, in words. */
function sentences({ attribution }: ResultSet, { width }: Look): string[] {
  return (attribution?.perMode ?? []).flatMap(({ sentence }) => wrap(sentence, width));
}
