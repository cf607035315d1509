/** Result files: their names, and how they are written. */

import { open } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ResultSet } from "./result.ts";
import { resultText } from "./text.ts";
import { checkWritable, writeOutput } from "./whole-output.ts";

const longestIdBytes = 96;

/**
 * The id of a result set: date and time (local, as Fortio's ids), and the labels with every run of other characters than
 * ASCII letters and digits as one `_`, 96 bytes at most.
 *
 * @example resultId(new Date(2025, 0, 2, 3, 4, 5), "a/b  c") // "2025-01-02-030405_a_b_c"
 */
export function resultId(startedAt: Date, labels: string): string {
  const day = [startedAt.getFullYear(), two(startedAt.getMonth() + 1), two(startedAt.getDate())].join("-");
  const time = [startedAt.getHours(), startedAt.getMinutes(), startedAt.getSeconds()].map(two).join("");
  const words = labels.replaceAll(/[^A-Za-z0-9]+/g, "_").replaceAll(/^_|_$/g, "");
  return `${day}-${time}${words === "" ? "" : `_${words}`}`.slice(0, longestIdBytes).replace(/_$/, "");
}

const two = (value: number): string => String(value).padStart(2, "0");

/** A path in `dir` named after the set's id that no file has yet: `ID.json`, `ID_2.json` … */
export function resultFileName(dir: string, { id }: Pick<ResultSet, "id">): string {
  for (let number = 1; ; number++) {
    const path = join(dir, `${id}${number === 1 ? "" : `_${number}`}.json`);
    if (!existsSync(path)) return path;
  }
}

/**
 * Writes the set into a new file of `dir` and gives its path. Two that begin in the same second get a file each.
 *
 * @throws MeshLoadError OUTPUT_UNWRITABLE
 */
export async function createResultFile(dir: string, set: ResultSet): Promise<string> {
  for (;;) {
    const path = resultFileName(dir, set);
    if (!(await claim(path))) continue;
    await writeResultSet(path, set);
    return path;
  }
}

/**
 * Writes the set in place of what `path` held.
 *
 * @throws MeshLoadError OUTPUT_UNWRITABLE
 */
export async function writeResultSet(path: string, set: ResultSet): Promise<void> {
  await writeOutput(path, resultText(set));
}

/** Makes the file where there is none, so that nobody else takes the name; false where somebody has. */
async function claim(path: string): Promise<boolean> {
  await checkWritable(path);
  try {
    await (await open(path, "wx")).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
