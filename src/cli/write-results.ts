/** What `run` leaves behind beside the saved set: the files that were asked for, and what goes to stdout. */

import { csv as renderCsv } from "../output/csv.ts";
import { renderTable } from "../output/table.ts";
import type { ResultSet } from "../result/result.ts";
import { resultParts } from "../result/text.ts";
import { writeOutput } from "../result/whole-output.ts";
import type { Terminal } from "./terminal.ts";

export interface ResultOutputs {
  /** A file, or `-` for stdout. */
  readonly json: string | undefined;
  readonly csv: string | undefined;
  readonly savedAs: string | null;
  readonly terminal: Terminal;
}

/** The files first: what is asked for by name must not be lost to a closed stdout. */
export async function writeResults(
  set: ResultSet,
  { json, csv, savedAs, terminal }: ResultOutputs,
): Promise<void> {
  if (json !== undefined && json !== "-") await writeOutput(json, resultParts(set));
  if (csv !== undefined && csv !== "-") await writeOutput(csv, renderCsv([set]));
  if (json === "-") await terminal.print(resultParts(set));
  else if (csv === "-") await terminal.print(renderCsv([set]));
  else await terminal.print(renderTable(set, { ...terminal, savedAs }));
}
