/**
 * How often the skew that carries the tail is named, and how often a wrong one, where the truth is known. Prints the table of
 * docs/METHOD.md §3:
 *   node test/bench/carrier-truth.ts [-seeds 400] [-runs 5]
 */

import { parseArgs } from "node:util";
import { carrierScenarios, judgeCarrier } from "../attribution/carrier-scenarios.ts";

const { values } = parseArgs({
  args: process.argv.slice(2).map((argument) => argument.replace(/^-(?=[a-z])/, "--")),
  options: { seeds: { type: "string", default: "400" }, runs: { type: "string", default: "5" } },
});
const [seeds, repetitions] = [Number(values.seeds), Number(values.runs)];
console.log("| target | K | sets | requests | connections | neither |");
console.log("| --- | --- | --- | --- | --- | --- |");
for (const [name, target] of Object.entries(carrierScenarios)) {
  const told = Array.from(
    { length: seeds },
    (_, seed) => judgeCarrier(target, { seed, repetitions }).carrier,
  );
  const cells = ["requests", "connections"].map((carrier) => told.filter((one) => one === carrier).length);
  const neither = seeds - cells.reduce((sum, count) => sum + count, 0);
  const percents = [...cells, neither].map((count) => `${((100 * count) / seeds).toFixed(1)} %`);
  console.log(`| ${[name, repetitions, seeds, ...percents].join(" | ")} |`);
}
