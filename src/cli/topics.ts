/** `mesh-load help TOPIC`: what is known of exit codes, warnings and gates, from the tables that decide them. */

import { errorCodesOf, exitCodeMeanings, exitCodes } from "../errors.ts";
import { wrap } from "../output/wrap.ts";
import { warningHints } from "../result/warnings.ts";

export interface Topic {
  readonly name: string;
  readonly summary: string;
  /** The text, on lines of so many columns. */
  readonly render: (columns: number) => string | Promise<string>;
}

export const topics: readonly Topic[] = [
  { name: "exit-codes", summary: "What a command's exit code tells a script", render: renderExitCodes },
  {
    name: "warnings",
    summary: "Doubts about a measurement, and what to do",
    render: renderWarnings,
  },
  { name: "gates", summary: "What can be asked of a result, and how", render: renderGates },
];

function renderExitCodes(columns: number): string {
  const rows = Object.entries(exitCodes).map(([name, code]): Row => {
    const errors = errorCodesOf(code);
    const which = errors.length === 0 ? "" : ` (${errors.join(", ")})`;
    return [String(code), `${exitCodeMeanings[name as keyof typeof exitCodes]}${which}`];
  });
  return paragraphs(columns, "What a command ends with. In brackets, the errors that stop it.", rows);
}

function renderWarnings(columns: number): string {
  return paragraphs(
    columns,
    "Warnings travel with the result and end nothing, unless -strict makes them exit code 4.",
    Object.entries(warningHints),
  );
}

async function renderGates(columns: number): Promise<string> {
  // Loaded late: what knows of metrics knows of histograms, and every command knows the topics' names.
  const { comparators, defaultGates, gateExamples } = await import("../compare/gate.ts");
  const { gateMetrics } = await import("../compare/metric.ts");
  const { tail, failures } = defaultGates;
  return [
    paragraphs(
      columns,
      "[MODE:]METRIC COMPARATOR VALUE, in -gate (repeatable), or one a line in -gates FILE, where # begins a comment. " +
        `Comparators are ${comparators.join(" ")}. With a sign the value is a worsening against the baseline, of compare ` +
        "and run -ab; without one it is a bound on the candidate alone, also in check and run.",
      gateMetrics(0.99).map((metric) => [metric.name, `${metric.describe}: ${gateExamples(metric)}`]),
    ),
    ...wrap(
      `Without a gate, compare asks for ${tail} where p99 is no matter of luck, and for ${failures}. A gate that fails is exit ` +
        "code 1. One that cannot be decided is 5, or 0 with -allow-inconclusive; then a regression that noise hides passes, " +
        "so gate beside it something that can be decided, such as p50.",
      columns,
      { hang: 0 },
    ),
    "",
  ].join("\n");
}

type Row = readonly [name: string, text: string];

/** Running text, and under it names with what they mean, in a column of its own. */
function paragraphs(columns: number, introduction: string, rows: readonly Row[]): string {
  const indent = Math.max(...rows.map(([name]) => name.length)) + 4;
  const lines = rows.flatMap(([name, text]) =>
    wrap(text, columns, { first: `  ${name}`.padEnd(indent), hang: indent }),
  );
  return [...wrap(introduction, columns, { hang: 0 }), "", ...lines, ""].join("\n");
}
