/** Result files: their names, and how they are written. */

import { open } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { monotonicUs } from "../clock.ts";
import type { ResultSet } from "./result.ts";
import { resultParts } from "./text.ts";
import { checkWritable, writeOutput } from "./whole-output.ts";

const longestIdBytes = 96;

/**
 * The id of a result set: date and time (local, as Fortio's ids), the run id unless it is 0, and the labels with every run of other characters than
 * ASCII letters and digits as one `_`, 96 bytes at most.
 *
 * @example resultId(new Date(2025, 0, 2, 3, 4, 5), { labels: "a/b  c", runId: 0 }) // "2025-01-02-030405_a_b_c"
 */
export function resultId(startedAt: Date, { labels, runId }: { labels: string; runId: number }): string {
  const day = [startedAt.getFullYear(), two(startedAt.getMonth() + 1), two(startedAt.getDate())].join("-");
  const time = [startedAt.getHours(), startedAt.getMinutes(), startedAt.getSeconds()].map(two).join("");
  const words = labels.replaceAll(/[^A-Za-z0-9]+/g, "_").replaceAll(/^_|_$/g, "");
  const number = runId === 0 ? "" : `_${runId}`;
  return `${day}-${time}${number}${words === "" ? "" : `_${words}`}`
    .slice(0, longestIdBytes)
    .replace(/_$/, "");
}

const two = (value: number): string => String(value).padStart(2, "0");

/** Where result sets are saved, and whether compressed. */
export interface Saving {
  readonly dir: string;
  readonly gzip: boolean;
}

/** A path in `dir` named after the set's id that no file has yet: `ID.json`, `ID_2.json` …; `.json.gz` if compressed. */
export function resultFileName({ dir, gzip }: Saving, { id }: Pick<ResultSet, "id">): string {
  for (let number = 1; ; number++) {
    const name = `${id}${number === 1 ? "" : `_${number}`}.json`;
    const taken = [name, `${name}.gz`].some((file) => existsSync(join(dir, file)));
    if (!taken) return join(dir, gzip ? `${name}.gz` : name);
  }
}

/**
 * Writes the set into a new file and gives its path. Two that begin in the same second get a file each.
 *
 * @throws MeshLoadError OUTPUT_UNWRITABLE
 */
export async function createResultFile(saving: Saving, set: ResultSet): Promise<string> {
  for (;;) {
    const path = resultFileName(saving, set);
    if (!(await claim(path))) continue;
    await writeResultSet(path, set);
    return path;
  }
}

/**
 * Writes the set in place of what `path` held; compressed where that ends in `.gz`.
 *
 * @throws MeshLoadError OUTPUT_UNWRITABLE
 */
export async function writeResultSet(path: string, set: ResultSet): Promise<void> {
  await writeOutput(path, resultParts(set));
}

/** A result file that is written again as its set grows. */
export interface GrowingFile {
  /** `null` until the first save. */
  readonly path: () => string | null;
  /** Saves now. */
  readonly save: (set: ResultSet) => Promise<void>;
  /** Saves unless saving takes more than a tenth of the time already; below a second it always does. */
  readonly offer: (describe: () => ResultSet) => Promise<void>;
}

const negligibleUs = 1e6;

/** @throws MeshLoadError OUTPUT_UNWRITABLE, from each save */
export function growingFile(saving: Saving, nowUs: () => number = monotonicUs): GrowingFile {
  let path: string | null = null;
  let restUntilUs = -Infinity;
  const save = async (set: ResultSet): Promise<void> => {
    if (path === null) path = await createResultFile(saving, set);
    else await writeResultSet(path, set);
  };
  return {
    path: () => path,
    save,
    offer: async (describe) => {
      const startUs = nowUs();
      if (startUs < restUntilUs) return;
      await save(describe());
      const tookUs = nowUs() - startUs;
      if (tookUs > negligibleUs) restUntilUs = nowUs() + 9 * tookUs;
    },
  };
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
