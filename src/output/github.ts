/** Annotations for a GitHub workflow: an error for runs that failed, warnings for doubts, notices for what it comes to. */

import type { ResultSet } from "../result/result.ts";
import { groupsOf } from "./groups.ts";
import type { Group } from "./groups.ts";
import { incompleteness } from "./headline.ts";
import { unprovenNotes } from "./mode-table.ts";
import { sumTables } from "./run-details.ts";
import { warningsOf } from "./warning-lines.ts";
import { workflowCommands } from "./workflow-commands.ts";
import type { Annotation } from "./workflow-commands.ts";

export function github(sets: readonly ResultSet[]): string {
  return workflowCommands(sets.flatMap(annotationsOf));
}

function annotationsOf(set: ResultSet): Annotation[] {
  const name = set.labels === "" ? "mesh-load" : set.labels;
  const groups = groupsOf(set);
  const of = (level: Annotation["level"], what: string, messages: readonly string[]): Annotation[] =>
    messages
      .filter((message) => message !== "")
      .map((message) => ({ level, title: `${name}: ${what}`, message }));
  return [
    ...of("error", "failed requests", groups.map(failuresOf)),
    ...of("error", "incomplete", incompleteness(set)),
    ...of("warning", "mode not proven", unprovenNotes(groups)),
    // Failures are errors above.
    ...warningsOf(set)
      .filter(({ warning }) => warning.code !== "failures")
      .flatMap(({ warning, where }) =>
        of("warning", `${warning.code}${where}`, [`${warning.message}\n${warning.hint}`]),
      ),
    ...of(
      "notice",
      "tail latency",
      (set.attribution?.perMode ?? []).map(({ sentence }) => sentence),
    ),
  ];
}

function failuresOf({ title, runs }: Group): string {
  const reasons = sumTables(runs.map(({ failures }) => failures));
  return reasons === "" ? "" : `${title}: ${reasons}`;
}
