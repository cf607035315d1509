/**
 * How right the attribution is where the truth is known. Prints the table of docs/METHOD.md:
 *   node test/bench/attribution-truth.ts [seeds = 500] [minutes = 20] [target …]
 * A seed takes one to two seconds of CPU a target; after its part of the minutes a target prints what it has.
 */

import { attribute } from "../../src/attribution/attribution.ts";
import { median } from "../../src/order-statistics.ts";
import { monotonicUs } from "../../src/clock.ts";
import type { Mode } from "../../src/plan/mode.ts";
import { simulatedSet } from "../attribution/simulated-run.ts";
import type { KnownRun } from "../attribution/simulated-run.ts";
import { scenarios } from "../attribution/scenarios.ts";
import type { ScenarioName } from "../attribution/scenarios.ts";

const modes = ["default", "reuse_port", "exact_balance"] as const;
const repetitions = [5, 7, 10] as const;
const assignments = 4;

interface Tally {
  sets: number;
  readonly truths: number[];
  readonly errors: number[];
  /** Predicted balanced tail over the true one. */
  readonly ratios: number[];
  covered: number;
  claimed: number;
  uneven: number;
}

const newTally = (): Tally => ({
  sets: 0,
  truths: [],
  errors: [],
  ratios: [],
  covered: 0,
  claimed: 0,
  uneven: 0,
});

function judge(
  set: readonly KnownRun[],
  { mode, seed, tally }: { mode: Mode; seed: number; tally: Tally },
): void {
  const { perMode, warnings } = attribute(
    set.map(({ run }) => run),
    { tailQuantile: 0.99, seed },
  );
  const answer = perMode.find((one) => one.mode === mode)!;
  tally.sets++;
  tally.uneven += warnings.some(({ code }) => code === "worker-uneven") ? 1 : 0;
  if (answer.skewShare === null) return;
  const members = set.filter(({ run }) => run.mode === mode);
  const balanced = members.map((known) => known.balancedTailUs(assignments));
  const truth = median(
    members.map(({ lagFreeTailUs, tailUs }, i) => (lagFreeTailUs - balanced[i]!) / tailUs),
  );
  const [low, high] = answer.skewShareInterval!;
  tally.truths.push(truth);
  tally.errors.push(answer.skewShare - truth);
  tally.ratios.push(answer.balancedTailUs! / median(balanced));
  tally.covered += truth >= low && truth <= high ? 1 : 0;
  tally.claimed += low > 0 ? 1 : 0;
}

const [seedsText = "500", minutesText = "20", ...asked] = process.argv.slice(2);
const names = Object.keys(scenarios) as ScenarioName[];
const percent = (part: number, of: number): string =>
  of === 0 ? "–" : `${((100 * part) / of).toFixed(1)} %`;

console.log(
  "| target | K | sets | told | true share | median error | bias | 90 % interval covers | low end > 0 | balanced p99 ÷ truth | worker-uneven |",
);
console.log("|---|---|---|---|---|---|---|---|---|---|---|");
const chosen = names.filter((name) => asked.length === 0 || asked.includes(name));
for (const name of chosen) {
  const endsAt = monotonicUs() + (Number(minutesText) * 60e6) / chosen.length;
  const tallies = new Map(repetitions.map((k) => [k, newTally()]));
  for (let seed = 1; seed <= Number(seedsText) && monotonicUs() < endsAt; seed++) {
    const all = simulatedSet(scenarios[name], { modes, repetitions: Math.max(...repetitions), seed }).map(
      remember,
    );
    for (const k of repetitions)
      judge(all.slice(0, k * modes.length), { mode: "default", seed, tally: tallies.get(k)! });
  }
  for (const [k, { sets, truths, errors, ratios, covered, claimed, uneven }] of tallies) {
    const told = errors.length;
    const cells = [
      name,
      k,
      sets,
      told,
      told === 0 ? "–" : median(truths).toFixed(2),
      told === 0 ? "–" : median(errors.map(Math.abs)).toFixed(3),
      told === 0 ? "–" : median(errors).toFixed(3),
      percent(covered, told),
      percent(claimed, told),
      told === 0 ? "–" : median(ratios).toFixed(2),
      percent(uneven, sets),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

/** The truth of a run costs more than the run: it is worked out once for the K that share it. */
function remember(known: KnownRun): KnownRun {
  let truthUs: number | undefined;
  return { ...known, balancedTailUs: (count) => (truthUs ??= known.balancedTailUs(count)) };
}
