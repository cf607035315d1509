/** Real sets of the lab against itself: what a gate says of them is a false alarm where it is "failed". */

import { tmpdir } from "node:os";
import { join } from "node:path";
import { compare } from "../../src/compare/compare.ts";
import { parseGate } from "../../src/compare/gate.ts";
import { planRepetitions } from "../../src/compare/repetition-plan.ts";
import { median } from "../../src/order-statistics.ts";
import type { ResultSet } from "../../src/result/result.ts";
import { lowerBound } from "./binomial.ts";
import { labSets } from "./lab-sets.ts";

const repetitions = 7;
const load = ["-modes", "exact_balance", "-c", "64", "-qps", "2000", "-t", "1s", "-warmup", "300ms"];

const gates = ["p50<=+0%", "p99<=+0%", "cpu<=+0%"];

/** Makes what is missing of so many sets, and prints what the gates say of each and of all. */
export async function labAgainstItself(
  wanted: number,
  directory = join(tmpdir(), "mesh-load-aa"),
): Promise<void> {
  const sets = await labSets({
    directory,
    wanted,
    flags: ["-ab", ...load, "-reps", String(repetitions)],
    runs: 2 * repetitions,
    // A set takes some 25 s.
    longestSetMs: 90_000,
    onMade: (set, made) =>
      console.log(`${made}: ${gates.map((gate) => `${gate} ${outcomeOf(set, gate)}`).join(", ")}`),
  });
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

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
