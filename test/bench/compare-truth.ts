/**
 * How often `compare` raises a false alarm, and what it finds. Prints the tables of docs/COMPARE.md:
 *   node test/bench/compare-truth.ts false-alarms [sets = 2000]     simulated sets in which nothing changed
 *   node test/bench/compare-truth.ts power [per cent that the gate allows = 0]   how often +10 % is found, in per cent
 *   node test/bench/compare-truth.ts lab [sets = 20] [directory]    real sets of the lab against itself (lab-truth.ts)
 */

import { normalDraw } from "../../src/attribution/normal.ts";
import { compare } from "../../src/compare/compare.ts";
import { parseGate } from "../../src/compare/gate.ts";
import { powerOf } from "../../src/compare/power.ts";
import { modes } from "../../src/plan/mode.ts";
import { seededRandom } from "../../src/random.ts";
import type { Random } from "../../src/random.ts";
import type { ResultSet } from "../../src/result/result.ts";
import { comparedSet } from "../compare/compared-set.ts";
import type { RunFigures } from "../compare/compared-set.ts";
import { lowerBound } from "./binomial.ts";
import { labAgainstItself } from "./lab-truth.ts";

/** What a run's p99 is multiplied by: of its own, and with its whole block. */
interface Noise {
  readonly run: (random: Random) => number;
  readonly block: (random: Random) => number;
}

const logNormal =
  (sigma: number) =>
  (random: Random): number =>
    Math.exp(sigma * normalDraw(random));
const steady = (): number => 1;

const noises: Readonly<Record<string, Noise>> = {
  "5 % a run": { run: logNormal(0.05), block: steady },
  "5 % a run, drift of 30 %": { run: logNormal(0.05), block: logNormal(0.3) },
  "a run in ten is three times as slow": {
    run: (random) => logNormal(0.05)(random) * (random() < 0.1 ? 3 : 1),
    block: steady,
  },
};

interface Design {
  readonly paired: boolean;
  readonly repetitions: number;
  readonly gates: readonly string[];
}

const designs: readonly Design[] = [
  { paired: true, repetitions: 5, gates: ["p99<=+0%"] },
  { paired: true, repetitions: 7, gates: ["p99<=+0%"] },
  { paired: true, repetitions: 15, gates: ["p99<=+0%"] },
  { paired: true, repetitions: 7, gates: ["p99<=+0%", "p50<=+0%", "qps>=-0%"] },
  { paired: true, repetitions: 7, gates: [] },
  { paired: false, repetitions: 5, gates: ["p99<=+0%"] },
  { paired: false, repetitions: 7, gates: ["p99<=+0%"] },
  { paired: false, repetitions: 15, gates: ["p99<=+0%"] },
  { paired: false, repetitions: 7, gates: ["p99<=+0%", "p50<=+0%", "qps>=-0%"] },
  { paired: false, repetitions: 7, gates: [] },
];

function falseAlarms(sets: number): void {
  const names = Object.keys(noises);
  console.log(`| design | runs | gates, in three modes | ${names.join(" | ")} |`);
  console.log(`|---|---|---|${names.map(() => "---|").join("")}`);
  for (const { paired, repetitions, gates } of designs) {
    const rates = Object.values(noises).map((noise, at) => {
      let alarms = 0;
      for (let seed = 1; seed <= sets; seed++) {
        const random = seededRandom(seed, `false alarms ${at} ${paired} ${repetitions} ${gates.length}`);
        if (isAlarm({ paired, repetitions, gates }, noise, random)) alarms++;
      }
      return `${percent(alarms / sets)} (≥ ${percent(lowerBound(alarms, sets))})`;
    });
    const design = paired ? "-ab" : "two sets";
    console.log(
      `| ${design} | ${repetitions} | ${gates.join(" ") || "the default"} | ${rates.join(" | ")} |`,
    );
  }
}

/** Nothing changed: does any gate fail all the same? */
function isAlarm({ paired, repetitions, gates }: Design, noise: Noise, random: Random): boolean {
  const blocks = Array.from({ length: repetitions }, (_, block) => ({ block, drift: noise.block(random) }));
  const runs = (side: string): RunFigures[] =>
    modes.slice(0, 3).flatMap((mode) =>
      blocks.map(({ block, drift }) => ({
        mode,
        side,
        block,
        // Sets that are made apart have a drift each.
        p99Us: 10_000 * (paired ? drift : noise.block(random)) * noise.run(random),
        qps: 3000 * logNormal(0.002)(random),
      })),
    );
  const options = gates.length === 0 ? {} : { gates: gates.map((gate) => parseGate(gate)) };
  const comparison = paired
    ? compare({ sides: [light([...runs("a"), ...runs("b")])] }, options)
    : compare({ baseline: [light(runs(""))], candidate: [light(runs(""))] }, options);
  return comparison.outcome === "failed";
}

/** Without histograms, which are for display: merging them would be most of the work. */
function light(figures: readonly RunFigures[]): ResultSet {
  const set = comparedSet(figures);
  return {
    ...set,
    runs: set.runs.map((run) => Object.assign({}, run, { latency: { ...run.latency, histogram: "" } })),
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const sigmas = [0.02, 0.03, 0.05, 0.1, 0.2] as const;

function power(allowedPercent: number): void {
  const columns = sigmas.flatMap((sigma) => [`${sigma * 100} %: -ab`, "two sets"]);
  console.log(`| repetitions | ${columns.join(" | ")} |`);
  console.log(`|---|${columns.map(() => "---|").join("")}`);
  for (let repetitions = 3; repetitions <= 15; repetitions++) {
    const cells = sigmas.flatMap((sigma) =>
      (["paired", "unpaired"] as const).map((design) => {
        const [effect, allowed] = [Math.log1p(0.1), Math.log1p(allowedPercent / 100)];
        const experiment = { design, repetitions, sigma, effect, allowed, alpha: 0.05 };
        return `${Math.round(100 * powerOf(experiment, { draws: 5000 }))}`;
      }),
    );
    console.log(`| ${repetitions} | ${cells.join(" | ")} |`);
  }
}

const [what, argument, directory] = process.argv.slice(2);
if (what === "false-alarms") falseAlarms(Number(argument ?? 2000));
else if (what === "power") power(Number(argument ?? 0));
else if (what === "lab") await labAgainstItself(Number(argument ?? 20), directory);
else console.log("false-alarms, power or lab?");
