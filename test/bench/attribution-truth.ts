/**
 * How right the attribution is where the truth is known. Works for so many seconds, adds what it judged to a file of
 * JSON lines and prints the table of docs/METHOD.md of all that the file holds; sets that it holds are not judged again:
 *   node test/bench/attribution-truth.ts truth.jsonl [-first 1] [-seeds 500] [-seconds 60] [-part 1/2] [target …]
 * Run it again until it says that nothing is left, one part on each core; the parts may share the file.
 */

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { attribute } from "../../src/attribution/attribution.ts";
import { monotonicUs } from "../../src/clock.ts";
import { median } from "../../src/order-statistics.ts";
import { simulatedSet } from "../attribution/simulated-run.ts";
import type { KnownRun } from "../attribution/simulated-run.ts";
import { scenarios } from "../attribution/scenarios.ts";
import type { ScenarioName } from "../attribution/scenarios.ts";

// The second places as reuse_port does, without the test against chance, which decides nothing here and takes long.
const modes = ["default", "cpu_locality_balance", "exact_balance"] as const;
const repetitions = [5, 7, 10] as const;
const assignments = 8;

/** One set judged, a line of the file. Without a share the attribution gave a reason. */
interface Verdict {
  readonly target: string;
  readonly seed: number;
  readonly k: number;
  readonly truth: number;
  readonly share: number | null;
  readonly interval: readonly [number, number] | null;
  /** Predicted balanced tail over the true one. */
  readonly ratio: number | null;
  readonly uneven: boolean;
}

const { values, positionals } = parseArgs({
  args: process.argv.slice(2).map((argument) => argument.replace(/^-(?=[a-z])/, "--")),
  allowPositionals: true,
  options: {
    first: { type: "string", default: "1" },
    seeds: { type: "string", default: "500" },
    seconds: { type: "string", default: "60" },
    part: { type: "string", default: "1/1" },
  },
});
const [file = "truth.jsonl", ...asked] = positionals;
const [part = 1, parts = 1] = values.part.split("/").map(Number);
const names = (Object.keys(scenarios) as ScenarioName[]).filter(
  (name) => asked.length === 0 || asked.includes(name),
);
const verdicts: Verdict[] = existsSync(file)
  ? readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Verdict)
  : [];
const judged = new Set(verdicts.map(({ target, seed }) => `${target} ${seed}`));
const endsAt = monotonicUs() + Number(values.seconds) * 1e6;
let left = 0;
const first = Number(values.first);
for (let seed = first; seed < first + Number(values.seeds); seed++)
  for (const name of names) {
    if (seed % parts !== part % parts || judged.has(`${name} ${seed}`)) continue;
    if (monotonicUs() >= endsAt) left++;
    else verdicts.push(...judgeAndKeep(name, seed));
  }
for (const line of tableOf(verdicts.filter(({ target }) => names.some((name) => name === target))))
  console.log(line);
console.error(left === 0 ? "nothing is left of this part" : `${left} sets are left of this part`);

function judgeAndKeep(name: ScenarioName, seed: number): Verdict[] {
  const most = Math.max(...repetitions);
  const set = simulatedSet(scenarios[name], { modes, repetitions: most, seed });
  const members = set.filter(({ run }) => run.mode === "default");
  const balanced = members.map((known) => known.balancedTailUs(assignments));
  const made = repetitions.map((k) =>
    judge(set.slice(0, k * modes.length), { name, seed, balanced: balanced.slice(0, k) }),
  );
  appendFileSync(file, made.map((verdict) => `${JSON.stringify(verdict)}\n`).join(""));
  return made;
}

function judge(
  set: readonly KnownRun[],
  { name, seed, balanced }: { name: ScenarioName; seed: number; balanced: readonly number[] },
): Verdict {
  // Without its connections a run has no interval of the tail's risk, which is dear and decides nothing.
  const { perMode, warnings } = attribute(
    set.map(({ run }) => ({ ...run, connections: [] })),
    { tailQuantile: 0.99, seed },
  );
  const answer = perMode.find(({ mode }) => mode === "default")!;
  const truths = set
    .filter(({ run }) => run.mode === "default")
    .map(({ lagFreeTailUs, tailUs }, i) => (lagFreeTailUs - balanced[i]!) / tailUs);
  return {
    target: name,
    seed,
    k: balanced.length,
    truth: median(truths),
    share: answer.skewShare,
    interval: answer.skewShareInterval,
    ratio: answer.balancedTailUs === null ? null : answer.balancedTailUs / median(balanced),
    uneven: warnings.some(({ code }) => code === "worker-uneven"),
  };
}

function tableOf(all: readonly Verdict[]): string[] {
  const header =
    "| target | K | sets | told | true share | median error | bias | 90 % interval covers | low end > 0 | balanced p99 ÷ truth | worker-uneven |";
  const rows = names.flatMap((name) =>
    repetitions.flatMap((k) => {
      const sets = all.filter((verdict) => verdict.target === name && verdict.k === k);
      return sets.length === 0 ? [] : [`| ${cellsOf(name, sets).join(" | ")} |`];
    }),
  );
  return [header, header.replaceAll(/[^|]+/g, "---"), ...rows];
}

function cellsOf(name: string, sets: readonly Verdict[]): (string | number)[] {
  const told = sets.filter(({ share }) => share !== null);
  const errors = told.map(({ share, truth }) => share! - truth);
  return [
    name,
    sets[0]!.k,
    sets.length,
    told.length,
    medianText(
      told.map(({ truth }) => truth),
      2,
    ),
    medianText(errors.map(Math.abs), 3),
    medianText(errors, 3),
    percent(told, ({ truth, interval }) => truth >= interval![0] && truth <= interval![1]),
    percent(told, ({ interval }) => interval![0] > 0),
    medianText(
      told.map(({ ratio }) => ratio!),
      2,
    ),
    percent(sets, ({ uneven }) => uneven),
  ];
}

function medianText(values: readonly number[], digits: number): string {
  return values.length === 0 ? "–" : median(values).toFixed(digits);
}

function percent(among: readonly Verdict[], holds: (verdict: Verdict) => boolean): string {
  return among.length === 0 ? "–" : `${((100 * among.filter(holds).length) / among.length).toFixed(1)} %`;
}
