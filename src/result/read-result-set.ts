/** Result files, read. Apart from the store, so that a run does not load the validator. */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { getSystemErrorMessage } from "node:util";
import { MeshLoadError, messageOf } from "../errors.ts";
import { createValidator } from "../schema.ts";
import { schemaVersion } from "./result.ts";
import { completeOlderFile } from "./older-files.ts";
import type { ResultSet } from "./result.ts";
import { resultSchema } from "./schema.ts";

const findError = createValidator(resultSchema);

/**
 * Reads a result set and checks it against the schema.
 *
 * @throws MeshLoadError RESULT_UNREADABLE: missing, empty, damaged, not a result set, or of a newer version.
 */
export async function readResultSet(path: string): Promise<ResultSet> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    const reason = error.errno === undefined ? messageOf(error) : getSystemErrorMessage(error.errno);
    throw unreadable(path, reason, "Give the path of a result file, such as those in results/.");
  });
  if (text.trim() === "") throw unreadable(path, "the file is empty", "The run that made it saved nothing.");
  const value = parse(path, text);
  completeOlderFile(value);
  const version = versionOf(path, value);
  if (version > schemaVersion)
    throw unreadable(
      path,
      `its schemaVersion ${version} is newer than ${schemaVersion}, the newest this mesh-load reads`,
      "Read it with the mesh-load that wrote it, or a newer one.",
    );
  const error = findError(value);
  if (error !== null)
    throw unreadable(
      path,
      `${error.path === "" ? "the file" : error.path} ${error.unknownKey === null ? error.message : "is unknown"}`,
      "The file was changed by hand, or written by another version of mesh-load.",
    );
  return value as ResultSet;
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const cut = !text.trimEnd().endsWith("}");
    throw unreadable(
      path,
      `${cut ? "the file is cut short" : "damaged JSON"}: ${placeOf(messageOf(error), text)}`,
      "Restore it from a copy, or run again.",
    );
  }
}

/** Where a person finds what the parser tripped over. It names the position, or quotes ten characters either side. */
function placeOf(message: string, text: string): string {
  const named = /at position (\d+)/.exec(message)?.[1];
  const quoted = /, \.\.\."([\s\S]*)"(?:\.\.\.)? is not valid JSON$/.exec(message)?.[1];
  if (named === undefined && quoted === undefined && !/end of JSON/.test(message)) return message;
  const position = quoted === undefined ? Number(named ?? text.length) : text.indexOf(quoted) + 10;
  const before = text.slice(0, position).split("\n");
  return `line ${before.length}, column ${before.at(-1)!.length + 1} (${text.length} characters in all)`;
}

function versionOf(path: string, value: unknown): number {
  const set = (typeof value === "object" && value !== null ? value : {}) as Partial<ResultSet>;
  if (set.tool?.name === "mesh-load" && typeof set.schemaVersion === "number") return set.schemaVersion;
  throw unreadable(path, "it is not a result of mesh-load", "Give a file that `mesh-load run` wrote.");
}

function unreadable(path: string, reason: string, hint: string): MeshLoadError {
  return new MeshLoadError("RESULT_UNREADABLE", `Cannot read ${resolve(path)}: ${reason}`, { hint });
}
