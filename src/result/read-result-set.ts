/** Result files, read. Apart from the store, so that a run does not load the validator. */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { getSystemErrorMessage, promisify } from "node:util";
import { gunzip } from "node:zlib";
import { MeshLoadError, messageOf } from "../errors.ts";
import { createValidator } from "../schema.ts";
import { fortioResultSet } from "./read-fortio.ts";
import { schemaVersion } from "./result.ts";
import { findFortioError, isFortioFile } from "./fortio-file.ts";
import type { FortioFile } from "./fortio-file.ts";
import { completeOlderFile } from "./older-files.ts";
import type { ResultSet } from "./result.ts";
import { resultSchema } from "./schema.ts";

const findError = createValidator(resultSchema);

/**
 * Reads a result set, compressed or not, and checks it against the schema. A result of Fortio becomes a set of one run.
 *
 * @throws MeshLoadError RESULT_UNREADABLE: missing, empty, damaged, not a result set, or of a newer version.
 */
export async function readResultSet(path: string): Promise<ResultSet> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const reason = error.errno === undefined ? messageOf(error) : getSystemErrorMessage(error.errno);
    throw unreadable(resolve(path), reason, "Give the path of a result file, such as those in results/.");
  });
  return resultSetFrom(bytes, resolve(path));
}

/**
 * The result set in what a file holds; `source` names it in errors.
 *
 * @throws MeshLoadError RESULT_UNREADABLE
 */
export async function resultSetFrom(bytes: Buffer, source: string): Promise<ResultSet> {
  if (bytes.length > mostBytes)
    throw unreadable(source, "it is larger than 511 MiB", "Run smaller experiments.");
  const text = isGzip(bytes) ? await unzip(bytes, source) : bytes.toString("utf8");
  if (text.trim() === "")
    throw unreadable(source, "the file is empty", "The run that made it saved nothing.");
  const value = parse(source, text);
  if (isFortioFile(value)) return readFortio(value, source);
  completeOlderFile(value);
  const version = versionOf(source, value);
  if (version > schemaVersion)
    throw unreadable(
      source,
      `its schemaVersion ${version} is newer than ${schemaVersion}, the newest this mesh-load reads`,
      "Read it with the mesh-load that wrote it, or a newer one.",
    );
  const error = findError(value);
  if (error !== null)
    throw unreadable(
      source,
      `${error.path === "" ? "the file" : error.path} ${error.unknownKey === null ? error.message : "is unknown"}`,
      "The file was changed by hand, or written by another version of mesh-load.",
    );
  return value as ResultSet;
}

function readFortio(value: unknown, source: string): ResultSet {
  const error = findFortioError(value);
  const file = value as FortioFile;
  const reason =
    error !== null
      ? `${error.path === "" ? "the file" : error.path} ${error.message}`
      : /^(HTTP|GRPC)/.test(file.RunType)
        ? null
        : `a ${file.RunType} run is not of HTTP`;
  if (reason !== null)
    throw unreadable(
      source,
      `as a result of Fortio: ${reason}`,
      "Results of its HTTP and gRPC runs are read.",
    );
  return fortioResultSet(file);
}

/** RFC 1952 §2.3.1: told by its first bytes, whatever the file is called. */
function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The longest text that Node holds in a string is a little longer. */
const mostBytes = 2 ** 29 - 2 ** 20;

async function unzip(bytes: Buffer, source: string): Promise<string> {
  try {
    const text = await promisify(gunzip)(bytes, { maxOutputLength: mostBytes });
    return text.toString("utf8");
  } catch (error) {
    const cut = (error as NodeJS.ErrnoException).code === "Z_BUF_ERROR";
    const reason = cut ? "the file is cut short" : `damaged gzip: ${messageOf(error)}`;
    throw unreadable(source, reason, "Restore it from a copy, or run again.");
  }
}

function parse(source: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!/^\s*[{[]/.test(text))
      throw unreadable(source, "it is not JSON", "Give a file that `mesh-load run` wrote.");
    const cut = !text.trimEnd().endsWith("}");
    throw unreadable(
      source,
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

function versionOf(source: string, value: unknown): number {
  const set = (typeof value === "object" && value !== null ? value : {}) as Partial<ResultSet>;
  if (
    (set.tool?.name === "mesh-load" || set.tool?.name === "fortio") &&
    typeof set.schemaVersion === "number"
  )
    return set.schemaVersion;
  throw unreadable(
    source,
    "it is not a result of mesh-load or Fortio",
    "Give a file that `mesh-load run` wrote.",
  );
}

function unreadable(source: string, reason: string, hint: string): MeshLoadError {
  return new MeshLoadError("RESULT_UNREADABLE", `Cannot read ${source}: ${reason}`, { hint });
}
