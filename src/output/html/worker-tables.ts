/** The workers of every mode's example run as tables: of many the ends, and all of them folded. */

import type { ResultSet, Run } from "../../result/result.ts";
import type { Group } from "../groups.ts";
import { shownWorkers, workerSections, workerTitles } from "../worker-table.ts";
import { htmlTable } from "./markup.ts";

export function workerTables(set: ResultSet, groups: readonly Group[]): string {
  return workerSections(set, groups)
    .map(({ title, rows, hidden, allRows }) => {
      const caption = `Workers: ${title}; latency in ms`;
      if (hidden === 0) return htmlTable(caption, workerTitles, rows);
      const every = `All ${rows.length + hidden} workers: ${title}; latency in ms`;
      return `${htmlTable(`${caption}; the busiest and the idlest`, workerTitles, rows)}
<details><summary>All ${rows.length + hidden} workers</summary>${htmlTable(every, workerTitles, allRows())}</details>`;
    })
    .join("\n");
}

/** What a plot of a run's workers leaves out; empty where it shows all. */
export function workersNote(run: Run): string {
  const shown = shownWorkers(run).length;
  return shown === run.workers.length
    ? ""
    : ` The ${shown / 2} busiest and the ${shown / 2} idlest of ${run.workers.length} workers; the table has all.`;
}
