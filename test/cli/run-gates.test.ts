import { expect, test } from "vitest";
import { checkRunGates, judgeRun, repetitionsNote } from "../../src/cli/run-gates.ts";
import { parseGate } from "../../src/compare/gate.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import type { Profile } from "../../src/plan/profile.ts";
import { sides, oneMode, base } from "../compare/compared-set.ts";
import { thrown } from "../thrown.ts";

const planOf = (flags: Profile) => createPlan({ flags, freshSeed: 1 });
const ab = (flags: Profile = {}) => planOf({ lab: { sides: {} }, ...flags });
const gates = (...texts: string[]) => texts.map((text) => parseGate(text));

test("a relative gate needs two sides", async () => {
  expect(await thrown(() => checkRunGates(gates("p99<=9ms", "p99<=+5%"), planOf({})))).toBe(
    "GATE_INVALID (2): -gate p99<=+5% needs a baseline | Add -ab, or run first and compare then: mesh-load compare BASELINE CANDIDATE.",
  );
  checkRunGates(gates("p99<=+5%"), ab());
  checkRunGates(gates("p99<=9ms"), planOf({}));
});

test("what the repetitions cannot tell is said beforehand", () => {
  expect(repetitionsNote(undefined, planOf({}))).toBe(
    "To be compared with another result, 3 runs against as many reach p = 0.05 at best, and a gate needs less than 0.05: use -reps 4 or more",
  );
  expect(repetitionsNote(undefined, planOf({ repetitions: 4 }))).toBeNull();
  expect(repetitionsNote(undefined, planOf({ repetitions: 1 }))).toBeNull();
  // One test without a gate: exact_balance's tail. A gate is for all three modes.
  expect(repetitionsNote(undefined, ab({ repetitions: 5 }))).toBeNull();
  expect(repetitionsNote(gates("p99<=+5%"), ab({ repetitions: 5 }))).toContain(
    "less than 0.017: use -reps 6",
  );
  expect(repetitionsNote(gates("default:p99<=+5%", "p99<=9ms"), ab({ repetitions: 5 }))).toBeNull();
  expect(repetitionsNote(gates("p99<=9ms"), ab({ repetitions: 1 }))).toBeNull();
});

test("sides are compared, also without a gate; absolute gates check; no gate says nothing", async () => {
  let stdout = "";
  const terminal = {
    columns: 80,
    color: false,
    stderr: { write: () => true, isTTY: false, columns: 80 },
    print: async (text: string | Iterable<string>) => {
      stdout += typeof text === "string" ? text : [...text].join("");
      return true;
    },
    note: () => {},
  };
  const two = { ...sides(1.3), plan: ab() };
  expect(await judgeRun(two, { gates: undefined, values: {}, terminal })).toBe(1);
  expect(stdout).toContain("✗ p99<=+10% in exact_balance");
  expect(await judgeRun(two, { gates: gates("p99<=+50%"), values: {}, terminal: null })).toBe(0);
  const one = oneMode(base);
  stdout = "";
  expect(await judgeRun(one, { gates: gates("p99<=9ms"), values: {}, terminal })).toBe(1);
  expect(stdout).toContain("✗ p99<=9ms in exact_balance: p99 is 10.1 ms (median of 7 runs)");
  stdout = "";
  expect(await judgeRun(one, { gates: undefined, values: {}, terminal })).toBe(0);
  expect(stdout).toBe("");
});
