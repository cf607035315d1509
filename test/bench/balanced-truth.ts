/**
 * The balanced p99 that the attribution predicts from the runs of `default` alone, beside what `exact_balance` measured in
 * turn with them, over real sets of the lab. Prints the table of docs/METHOD.md:
 *   node test/bench/balanced-truth.ts [sets = 10] [directory]
 */

import { tmpdir } from "node:os";
import { join } from "node:path";
import { attribute } from "../../src/attribution/attribution.ts";
import { median } from "../../src/order-statistics.ts";
import type { ModeAttribution } from "../../src/result/attribution.ts";
import type { ResultSet } from "../../src/result/result.ts";
import { labSets } from "./lab-sets.ts";

const repetitions = 7;
const flags = [
  "-modes",
  "default,exact_balance",
  "-reps",
  String(repetitions),
  "-t",
  "4s",
  "-warmup",
  "500ms",
];

const [wanted = "10", directory = join(tmpdir(), "mesh-load-balanced")] = process.argv.slice(2);

const headings = ["set", "p99 of default", "skew share", "predicted", "measured", "predicted ÷ measured"];
console.log(`| ${headings.join(" | ")} |\n|${headings.map(() => "---|").join("")}`);

const sets = await labSets({
  directory,
  wanted: Number(wanted),
  flags,
  runs: 2 * repetitions,
  longestSetMs: 180_000,
  onMade: () => {},
});
const ratios = sets.map((set, at) => {
  const { alone, measuredUs } = judge(set);
  const predictedUs = alone.balancedTailUs;
  const ratio = predictedUs === null || measuredUs === null ? null : predictedUs / measuredUs;
  const cells = [ms(alone.tailUs), share(alone.skewShare), ms(predictedUs), ms(measuredUs), number(ratio)];
  console.log(`| ${[at + 1, ...cells].join(" | ")} |`);
  return ratio;
});
const known = ratios.filter((ratio) => ratio !== null);
if (known.length > 0)
  console.log(
    `\n${known.length} of ${sets.length} sets have both; median of the ratios ${median(known).toFixed(2)}, ` +
      `least ${Math.min(...known).toFixed(2)}, most ${Math.max(...known).toFixed(2)}`,
  );

function judge(set: ResultSet): { readonly alone: ModeAttribution; readonly measuredUs: number | null } {
  const options = { tailQuantile: set.plan.tailQuantile, seed: set.seed };
  const ofDefault = set.runs.filter(({ mode }) => mode === "default");
  const [alone] = attribute(ofDefault, options).perMode;
  const together = attribute(set.runs, options).perMode.find(({ mode }) => mode === "default");
  return { alone: alone!, measuredUs: together!.measuredBalancedTailUs };
}

function ms(us: number | null): string {
  return us === null ? "–" : `${(us / 1e3).toFixed(2)} ms`;
}

function share(of: number | null): string {
  return of === null ? "–" : `${Math.round(100 * of)} %`;
}

function number(value: number | null): string {
  return value === null ? "–" : value.toFixed(2);
}
