/** The workers of every proxy of a chain, a table for each mode's example run. */

import type { ResultSet } from "../../result/result.ts";
import type { Group } from "../groups.ts";
import { hopCaption, hopSections } from "../hop-table.ts";
import { hopTailCaption } from "../hop-tail-table.ts";
import { htmlList, htmlTable } from "./markup.ts";

export function hopTables(set: ResultSet, groups: readonly Group[]): string {
  const { titles, placeTitles, sections } = hopSections(set, groups);
  return sections
    .map(
      ({ title, rows, places, notes }) =>
        htmlTable(`${title}. ${hopCaption}`, titles, rows) +
        (places.length === 0 ? "" : htmlTable(`${title}. ${hopTailCaption}`, placeTitles, places)) +
        htmlList(notes),
    )
    .join("\n");
}
