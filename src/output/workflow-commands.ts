/** GitHub's workflow commands: lines on stdout that become annotations of a run. */

import { oneLine, withoutControls } from "./plain.ts";

export interface Annotation {
  readonly level: "error" | "warning" | "notice";
  readonly title: string;
  readonly message: string;
}

/** A step shows 10 of each level, and drops the rest without a word. */
const mostPerLevel = 10;

/** A line for each annotation, errors first; where there are too many of a level, its last says how many were left out. */
export function workflowCommands(annotations: readonly Annotation[]): string {
  return (["error", "warning", "notice"] as const)
    .flatMap((level) => atMost(annotations.filter((one) => one.level === level)))
    .map(
      ({ level, title, message }) =>
        `::${level} title=${escapeProperty(oneLine(title))}::${escapeData(withoutControls(message))}\n`,
    )
    .join("");
}

function atMost(annotations: readonly Annotation[]): readonly Annotation[] {
  if (annotations.length <= mostPerLevel) return annotations;
  const shown = annotations.slice(0, mostPerLevel - 1);
  const left = annotations.slice(mostPerLevel - 1);
  const titles = [...new Set(left.map(({ title }) => title))].join("; ");
  const last = { ...left[0]!, title: `${left.length} more`, message: titles };
  return [...shown, last];
}

// As the runner undoes it: actions/runner, ActionCommand.cs.
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
