/** The result sets that arguments name: files, stdin, directories of files, and of a directory those with a label. */

import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { getSystemErrorMessage } from "node:util";
import { MeshLoadError, messageOf } from "../errors.ts";
import { didYouMean } from "../nearest.ts";
import { readResultSet, resultSetFrom } from "../result/read-result-set.ts";
import type { ResultSet } from "../result/result.ts";
import { readInput } from "./input-file.ts";

/**
 * The sets of a file, or of all files of a directory; with a label, the newest of the directory's that has it.
 *
 * @throws MeshLoadError RESULT_UNREADABLE
 */
export async function readSets(path: string, label?: string): Promise<ResultSet[]> {
  const files = await resultFiles(path);
  if (label === undefined) {
    const sets: ResultSet[] = [];
    // One after the other: each takes its own size several times over while it is read.
    for (const file of files) sets.push(await readSet(file));
    return sets;
  }
  const headers = await Promise.all(files.map(readHeader));
  const [newest] = headers
    .filter(({ labels }) => labels === label)
    .sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  if (newest !== undefined) return [await readResultSet(newest.path)];
  const known = [...new Set(headers.map(({ labels }) => labels))];
  throw new MeshLoadError(
    "RESULT_UNREADABLE",
    `${path} has no result set labelled ${JSON.stringify(label)}`,
    {
      hint: didYouMean(label, known) || `There are ${known.map((one) => JSON.stringify(one)).join(", ")}.`,
    },
  );
}

async function readSet(path: string): Promise<ResultSet> {
  if (path !== "-") return readResultSet(path);
  const bytes = readInput(
    path,
    (reason) => new MeshLoadError("RESULT_UNREADABLE", `Cannot read stdin: ${reason}`),
  );
  return resultSetFrom(bytes, "stdin");
}

/**
 * The file itself, or `-` for stdin; of a directory its `.json` and `.json.gz` files (not deeper), by name: the oldest
 * first, as result sets are named.
 *
 * @throws MeshLoadError RESULT_UNREADABLE
 */
export async function resultFiles(path: string): Promise<string[]> {
  if (path === "-") return [path];
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => /^[^.].*\.json(\.gz)?$/.test(name)).sort();
    if (names.length > 0) return names.map((name) => join(path, name));
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    const reason = errno === undefined ? messageOf(error) : getSystemErrorMessage(errno);
    throw new MeshLoadError("RESULT_UNREADABLE", `Cannot read ${path}: ${reason}`, {
      hint: "Give the path of a result file, or of a directory of them, such as results/.",
    });
  }
  throw new MeshLoadError("RESULT_UNREADABLE", `${path} holds no result file`, {
    hint: "Give a directory that mesh-load run has written to.",
  });
}

interface Header {
  readonly path: string;
  readonly labels: string;
  readonly startedAt: string;
}

const headerBytes = 4096;

/** A directory may hold years of sets, and what is looked for stands in the first lines of each. */
async function readHeader(path: string): Promise<Header> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
  const head = buffer.toString("utf8", 0, bytesRead);
  const labels = /"labels":\s*("(?:[^"\\]|\\.)*")/.exec(head)?.[1];
  const startedAt = /"startedAt":\s*"([^"]*)"/.exec(head)?.[1];
  if (labels !== undefined && startedAt !== undefined)
    return { path, labels: JSON.parse(labels) as string, startedAt };
  const set = await readResultSet(path);
  return { path, labels: set.labels, startedAt: set.startedAt };
}
