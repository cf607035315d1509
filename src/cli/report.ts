/** `mesh-load report`: a saved result set in another form. */

import { exitCodes } from "../errors.ts";
import { outputs } from "../output/outputs.ts";
import type { OutputFormat } from "../output/outputs.ts";
import type { ResultSet } from "../result/result.ts";
import { writeOutput } from "../result/whole-output.ts";
import type { Command, CommandInput } from "./command.ts";
import { reportFlags } from "./flags.ts";
import { invalid, textOf } from "./values.ts";

export const reportCommand: Command = {
  name: "report",
  summary: "Show saved results again, or turn them into CSV or JSON",
  positionals: "RESULT...",
  arity: [1, Infinity],
  flags: reportFlags,
  examples: [
    ["mesh-load report results/2025-01-31-120000_lab.json", "As run showed it"],
    ["mesh-load report results/*.json -format csv -o all.csv", "One row per run and scope"],
  ],
  execute,
};

async function execute({ positionals, values, terminal }: CommandInput): Promise<number> {
  const format = textOf(values, "format") as OutputFormat | undefined;
  const file = textOf(values, "o");
  if (format === "json" && positionals.length > 1)
    throw invalid("-format json takes one RESULT: several are no JSON document", "Call it once for each.");
  const { readResultSet } = await import("../result/read-result-set.ts");
  const sets = await Promise.all(positionals.map(readResultSet));
  if (file === undefined || file === "-") await terminal.print(render(sets, format, terminal));
  else await writeOutput(file, render(sets, format, { columns: 80, color: false }));
  return exitCodes.done;
}

function render(
  sets: readonly ResultSet[],
  format: OutputFormat = "table",
  page: { readonly columns: number; readonly color: boolean },
): string {
  switch (format) {
    case "table":
      return sets.map((set) => outputs.table(set, page)).join("\n");
    case "json":
      return sets.map((set) => outputs.json(set)).join("");
    case "csv":
      return joinTables(sets.map((set) => outputs.csv(set)));
    default:
      return format satisfies never;
  }
}

/** One table of several: the heading, which is a line, only once. */
function joinTables(tables: readonly string[]): string {
  return tables.map((text, i) => (i === 0 ? text : text.slice(text.indexOf("\n") + 1))).join("");
}
