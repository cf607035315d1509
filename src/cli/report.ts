/** `mesh-load report`: saved result sets in another form. */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { MeshLoadError } from "../errors.ts";
import { exitCodes } from "../errors.ts";
import type { Document } from "../output/document.ts";
import type { OutputFormat } from "../output/outputs.ts";
import type { ResultSet } from "../result/result.ts";
import { writeOutput } from "../result/whole-output.ts";
import type { Command, CommandInput } from "./command.ts";
import { reportFlags } from "./report-flags.ts";
import { refuseOverwriting } from "./own-inputs.ts";
import { invalid, textOf } from "./values.ts";

export const reportCommand: Command = {
  name: "report",
  summary: "Show saved results again, or turn them into another format",
  positionals: "RESULT...",
  arity: [1, Infinity],
  completes: "file",
  flags: reportFlags,
  examples: [
    ["mesh-load report results/2025-01-31-120000_lab.json", "As run showed it"],
    ["mesh-load report results/ -format csv -o all.csv", "One row per run and scope, of all sets"],
    [
      "mesh-load report results/ -format html -o report.html",
      "A page with plots, and the history of the sets",
    ],
    ["mesh-load report lab.json -format fortio -o fortio/", "A file for each run, for `fortio report`"],
    ['mesh-load report lab.json -format markdown >> "$GITHUB_STEP_SUMMARY"', "In a workflow"],
    ["mesh-load run -json - -quiet | mesh-load report - -format junit", "From stdin"],
  ],
  execute,
};

async function execute({ positionals, values, terminal }: CommandInput): Promise<number> {
  const format = (textOf(values, "format") ?? "table") as OutputFormat;
  const to = textOf(values, "o") ?? "-";
  // Loaded late: a usage error, and the help, answer at once.
  const { readSets, resultFiles } = await import("./result-sets.ts");
  const inputs = (await Promise.all(positionals.map(resultFiles))).flat();
  await refuseOverwriting(inputs, to);
  const sets: ResultSet[] = [];
  for (const input of inputs) sets.push(...(await readSets(input)));

  const { outputs } = await import("../output/outputs.ts");
  const page = to === "-" ? terminal : { columns: 80, color: false };
  const documents = await outputs[format](sets, page);
  if (await isDirectory(to)) {
    for (const { name, text } of distinct(documents)) await writeOutput(join(to, name), text);
    return exitCodes.done;
  }
  const [document, ...more] = documents;
  if (document === undefined || more.length > 0) throw notOne(format, documents.length);
  if (to !== "-") await writeOutput(to, document.text);
  else if (!(await terminal.print(document.text))) return exitCodes.readerGone;
  return exitCodes.done;
}

async function isDirectory(path: string): Promise<boolean> {
  if (path === "-") return false;
  return path.endsWith("/") || ((await stat(path).catch(() => null))?.isDirectory() ?? false);
}

/** Two sets of one second may have the same id, and neither file may replace the other. */
function distinct(documents: readonly Document[]): Document[] {
  const seen = new Map<string, number>();
  return documents.map(({ name, text }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return { name: count === 1 ? name : name.replace(/(\.\w+)?$/, `_${count}$1`), text };
  });
}

function notOne(format: OutputFormat, count: number): MeshLoadError {
  if (count === 0) return invalid(`-format ${format} has nothing to show: there are no runs`, "Run again.");
  return invalid(
    `-format ${format} makes ${count} documents of these results, which one file cannot hold`,
    `Give a directory: -o ${format}/`,
  );
}
