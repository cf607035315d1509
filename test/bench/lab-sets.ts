/**
 * Real sets of the lab, many of one kind. They are kept in a directory, and those that are there already are not made again:
 * it may be stopped, and goes on where it was.
 */

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf } from "../../src/errors.ts";
import { readResultSet } from "../../src/result/read-result-set.ts";
import type { ResultSet } from "../../src/result/result.ts";

/** Of all sets that a call makes. */
const longestMs = 15 * 60_000;

export interface LabSets {
  readonly directory: string;
  readonly wanted: number;
  /** Flags of `run`. */
  readonly flags: readonly string[];
  /** Of a whole set; others are left where they are, and not counted. */
  readonly runs: number;
  /** One that hangs must not take the night. */
  readonly longestSetMs: number;
  readonly onMade: (set: ResultSet, made: number) => void;
}

/** Makes what is missing of so many sets, and returns all that there are. */
export async function labSets(options: LabSets): Promise<ResultSet[]> {
  const { directory, wanted, longestSetMs, onMade } = options;
  mkdirSync(directory, { recursive: true });
  const sets = await wholeSets(options);
  console.log(`${sets.length} of ${wanted} sets are in ${directory}`);
  const started = performance.now();
  let failures = 0;
  while (sets.length < wanted && failures < 3) {
    if (performance.now() - started > longestMs - longestSetMs) {
      console.log("Time is up: call again for the rest.");
      break;
    }
    const before = new Set(sets.map(({ id }) => id));
    const trouble = runLab(options);
    const made = (await wholeSets(options)).find(({ id }) => !before.has(id));
    if (made === undefined) {
      failures++;
      console.log(`no whole set: ${trouble}`);
      continue;
    }
    sets.push(made);
    onMade(made, sets.length);
  }
  return sets;
}

async function wholeSets({ directory, runs }: LabSets): Promise<ResultSet[]> {
  const sets: ResultSet[] = [];
  for (const file of readdirSync(directory)
    .filter((name) => name.endsWith(".json"))
    .sort()) {
    const set = await readResultSet(join(directory, file)).catch((error: unknown) => {
      console.log(`${file}: ${messageOf(error)}`);
      return null;
    });
    const completed = set?.runs.filter(({ state }) => state === "completed") ?? [];
    if (set !== null && completed.length === runs) sets.push(set);
  }
  return sets;
}

/** Whatever it says of gates is looked at later; in words, how it ended. */
function runLab({ flags, directory, longestSetMs }: LabSets): string {
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  const rest = ["-quiet", "-allow-inconclusive", "-data-dir", directory];
  const { status, signal, stderr } = spawnSync(process.execPath, [main, "run", ...flags, ...rest], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    timeout: longestSetMs,
    // It drains, saves and stops its Envoys.
    killSignal: "SIGINT",
  });
  return `exit code ${status ?? signal}: ${stderr.trim().split("\n").at(-1)}`;
}
