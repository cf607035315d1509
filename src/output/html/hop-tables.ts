/** The workers of every proxy of a chain, a table for each mode's example run. */

import type { Group } from "../groups.ts";
import { hopCaption, hopSections } from "../hop-table.ts";
import { htmlTable } from "./markup.ts";

export function hopTables(groups: readonly Group[]): string {
  const { titles, sections } = hopSections(groups);
  return sections.map(({ title, rows }) => htmlTable(`${title}. ${hopCaption}`, titles, rows)).join("\n");
}
