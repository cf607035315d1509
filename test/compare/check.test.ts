/** Gates, where not all modes have a completed run. */

import { expect, test } from "vitest";
import { check } from "../../src/compare/check.ts";
import { compare } from "../../src/compare/compare.ts";
import { parseGate } from "../../src/compare/gate.ts";
import { comparedSet } from "./compared-set.ts";
import type { RunFigures } from "./compared-set.ts";

const set = comparedSet([
  { mode: "default", block: 0, p99Us: 5000 },
  { mode: "reuse_port", block: 0, p99Us: 5000, state: "failed" },
]);
const outcomesOf = (gate: string): string[][] =>
  check([set], [parseGate(gate)]).gates.map(({ group, outcome, message }) => [group, outcome, message]);

test.each(["failures==0", "failures<=1%", "p99<=9ms"])(
  "%s does not pass a mode that never answered",
  (gate) => {
    const metric = gate.split(/[<=]/)[0]!;
    const unknown = `${metric} is not known: there is no completed run`;
    expect(outcomesOf(gate)).toEqual([
      ["default", "passed", expect.any(String)],
      ["reuse_port", "undecided", unknown],
    ]);
    expect(outcomesOf(`reuse_port:${gate}`)).toEqual([["reuse_port", "undecided", unknown]]);
    expect(check([set], [parseGate(gate)]).outcome).toBe("undecided");
  },
);

/** Seven blocks of two modes, of which one never answers on side b. */
const runsOf = (side: string, state: "completed" | "failed"): RunFigures[] =>
  Array.from({ length: 7 }, (_, block) => block).flatMap((block): RunFigures[] => [
    { mode: "exact_balance", side, block, p99Us: 5000 + block },
    { mode: "reuse_port", side, block, p99Us: 5000 + block, state },
  ]);
const asBaseline = runsOf("a", "completed");
const asCandidate = runsOf("b", "failed");
const noSide = (runs: readonly RunFigures[]): RunFigures[] => runs.map((run) => ({ ...run, side: "" }));

test.each([
  ["two sides of a set", { sides: [comparedSet([...asBaseline, ...asCandidate])] }],
  [
    "two sets",
    {
      baseline: [comparedSet(noSide(asBaseline), { labels: "one" })],
      candidate: [comparedSet(noSide(asCandidate), { labels: "two" })],
    },
  ],
])("a mode that never answered on one side leaves the comparison of %s undecided", (_, input) => {
  const ofDead = (...gates: string[]) => {
    const { outcome, gates: results } = compare(input, { gates: gates.map((gate) => parseGate(gate)) });
    return [outcome, ...results.filter(({ group }) => group === "reuse_port").map((one) => one.outcome)];
  };
  expect(ofDead("p50<=+50%")).toEqual(["undecided", "undecided"]);
  expect(ofDead("reuse_port:p99<=9ms")).toEqual(["undecided", "undecided"]);
  expect(ofDead("exact_balance:p50<=+50%")).toEqual(["passed"]);
  expect(compare(input).outcome).toBe("undecided");
});
