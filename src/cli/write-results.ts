/** What `run` leaves behind beside the saved set: the files that were asked for, and what goes to stdout. */

import { csv as renderCsv } from "../output/csv.ts";
import { renderTable } from "../output/table.ts";
import type { ResultSet } from "../result/result.ts";
import { resultParts } from "../result/text.ts";
import { writeOutput } from "../result/whole-output.ts";
import type { Text } from "../result/whole-output.ts";
import type { Terminal } from "./terminal.ts";

export interface ResultOutputs {
  /** A file, or `-` for stdout. */
  readonly json: string | undefined;
  readonly csv: string | undefined;
  readonly savedAs: string | null;
  readonly terminal: Terminal;
}

/**
 * The files first: what is asked for by name must not be lost to a closed stdout. One that cannot be written keeps nothing
 * else from being so.
 * @throws MeshLoadError OUTPUT_UNWRITABLE when all else is written
 */
export async function writeResults(
  set: ResultSet,
  { json, csv, savedAs, terminal }: ResultOutputs,
): Promise<void> {
  const writes = [
    ...(isFile(json) ? [() => writeOutput(json, resultParts(set))] : []),
    ...(isFile(csv) ? [() => writeOutput(csv, renderCsv([set]))] : []),
    () => terminal.print(onStdout(set, { json, csv, savedAs, terminal })),
  ];
  const failures: unknown[] = [];
  for (const write of writes) await write().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

const isFile = (path: string | undefined): path is string => path !== undefined && path !== "-";

function onStdout(set: ResultSet, { json, csv, savedAs, terminal }: ResultOutputs): Text {
  if (json === "-") return resultParts(set);
  return csv === "-" ? renderCsv([set]) : renderTable(set, { ...terminal, savedAs });
}
