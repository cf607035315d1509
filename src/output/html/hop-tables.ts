/** The workers of every proxy of a chain, a table for each mode's example run. */

import type { ResultSet } from "../../result/result.ts";
import type { Group } from "../groups.ts";
import { hopCaption, hopSections } from "../hop-table.ts";
import { htmlList, htmlTable } from "./markup.ts";

export function hopTables(set: ResultSet, groups: readonly Group[]): string {
  const { titles, sections } = hopSections(set, groups);
  return sections
    .map(
      ({ title, rows, notes }) => `${htmlTable(`${title}. ${hopCaption}`, titles, rows)}${htmlList(notes)}`,
    )
    .join("\n");
}
