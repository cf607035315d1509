/** Annotations of a comparison for a GitHub workflow: an error for each failed gate, a warning for each open one. */

import type { Check, Comparison, GateResult } from "../compare/comparison.ts";
import { comparisonTitle, outcomeLine } from "./comparison-table.ts";
import { workflowCommands } from "./workflow-commands.ts";
import type { Annotation } from "./workflow-commands.ts";

export function comparisonGithub(comparison: Comparison | Check): string {
  const { gates, notes } = comparison;
  const of = (outcome: GateResult["outcome"], level: Annotation["level"]): Annotation[] =>
    gates
      .filter((gate) => gate.outcome === outcome)
      .map(({ gate, title, message }) => ({ level, title: `${gate} in ${title}`, message }));
  return workflowCommands([
    ...of("failed", "error"),
    ...of("undecided", "warning"),
    ...notes.map((message): Annotation => ({
      level: "warning",
      title: comparisonTitle(comparison),
      message,
    })),
    ...(gates.length === 0
      ? []
      : [{ level: "notice", title: comparisonTitle(comparison), message: outcomeLine(comparison) } as const]),
  ]);
}
