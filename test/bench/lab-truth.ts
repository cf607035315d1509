/**
 * Real sets of the lab against itself: what a gate says of them is a false alarm where it is "failed". Sets are kept in a
 * directory, and those that are there already are not made again: it may be stopped, and goes on where it was.
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compare } from "../../src/compare/compare.ts";
import { parseGate } from "../../src/compare/gate.ts";
import { planRepetitions } from "../../src/compare/repetition-plan.ts";
import { messageOf } from "../../src/errors.ts";
import { median } from "../../src/order-statistics.ts";
import { readResultSet } from "../../src/result/read-result-set.ts";
import type { ResultSet } from "../../src/result/result.ts";
import { lowerBound } from "./binomial.ts";

const repetitions = 7;
/** A set takes some 25 s; one that hangs must not take the night. */
const longestSetMs = 90_000;
/** Of all sets that a call makes, so that 20 are made in one. */
const longestMs = 15 * 60_000;

const gates = ["p50<=+0%", "p99<=+0%", "cpu<=+0%"];

/** Makes what is missing of so many sets, and prints what the gates say of each and of all. */
export async function labAgainstItself(
  wanted: number,
  directory = join(tmpdir(), "mesh-load-aa"),
): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const sets = await wholeSets(directory);
  console.log(`${sets.length} of ${wanted} sets are in ${directory}`);
  const started = performance.now();
  let failures = 0;
  while (sets.length < wanted && failures < 3) {
    if (performance.now() - started > longestMs - longestSetMs) {
      console.log("Time is up: call again for the rest.");
      break;
    }
    const before = new Set(sets.map(({ id }) => id));
    const trouble = runLab(directory);
    const made = (await wholeSets(directory)).find(({ id }) => !before.has(id));
    if (made === undefined) {
      failures++;
      console.log(`no whole set: ${trouble}`);
      continue;
    }
    sets.push(made);
    console.log(`${sets.length}: ${gates.map((gate) => `${gate} ${outcomeOf(made, gate)}`).join(", ")}`);
  }
  for (const gate of gates) summarize(gate, sets);
}

function summarize(gate: string, sets: readonly ResultSet[]): void {
  if (sets.length === 0) return;
  const alarms = sets.filter((set) => outcomeOf(set, gate) === "failed").length;
  const noise = sets.flatMap((set) => sigmaOf(set, gate));
  const varies = noise.length === 0 ? "" : `; a run varies by ${percent(median(noise))} (median of the sets)`;
  console.log(
    `${gate}: ${alarms} of ${sets.length} sets failed, ${percent(alarms / sets.length)} (≥ ${percent(lowerBound(alarms, sets.length))})${varies}`,
  );
}

const outcomeOf = (set: ResultSet, gate: string): string =>
  compare({ sides: [set] }, { gates: [parseGate(gate)] }).outcome;

function sigmaOf(set: ResultSet, gate: string): number[] {
  const plan = planRepetitions([set], { effect: 0.1, gates: [parseGate(gate)] });
  return plan.wishes.flatMap(({ lengths }) => (lengths[0] === undefined ? [] : [lengths[0].sigma]));
}

/** Those whose every run was completed; others are left where they are, and not counted. */
async function wholeSets(directory: string): Promise<ResultSet[]> {
  if (!existsSync(directory)) return [];
  const sets: ResultSet[] = [];
  for (const file of readdirSync(directory)
    .filter((name) => name.endsWith(".json"))
    .sort()) {
    const set = await readResultSet(join(directory, file)).catch((error: unknown) => {
      console.log(`${file}: ${messageOf(error)}`);
      return null;
    });
    const completed = set?.runs.filter(({ state }) => state === "completed") ?? [];
    if (set !== null && completed.length === 2 * repetitions) sets.push(set);
  }
  return sets;
}

/** Whatever it says of the gates is looked at later; in words, how it ended. */
function runLab(directory: string): string {
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  const load = ["-modes", "exact_balance", "-c", "64", "-qps", "2000", "-t", "1s", "-warmup", "300ms"];
  const rest = ["-reps", String(repetitions), "-quiet", "-allow-inconclusive", "-data-dir", directory];
  const { status, signal, stderr } = spawnSync(process.execPath, [main, "run", "-ab", ...load, ...rest], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    timeout: longestSetMs,
    // It drains, saves and stops its Envoys.
    killSignal: "SIGINT",
  });
  return `exit code ${status ?? signal}: ${stderr.trim().split("\n").at(-1)}`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
