/** Absolute gates, where not all runs were completed. */

import { expect, test } from "vitest";
import { check } from "../../src/compare/check.ts";
import { parseGate } from "../../src/compare/gate.ts";
import { comparedSet } from "./compared-set.ts";

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
