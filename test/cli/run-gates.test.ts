import { expect, test } from "vitest";
import { checkRunGates, judgeRun, repetitionsNote } from "../../src/cli/run-gates.ts";
import { parseGate } from "../../src/compare/gate.ts";
import { groupRuns, plannedGroups } from "../../src/compare/groups.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { Profile } from "../../src/plan/profile.ts";
import { stepsOf } from "../../src/plan/steps.ts";
import { sides, oneMode, base } from "../compare/compared-set.ts";
import { thrown } from "../thrown.ts";

const planOf = (flags: Profile) => createPlan({ flags, freshSeed: 1 });
const ab = (flags: Profile = {}) => planOf({ lab: { sides: {} }, ...flags });
const example = oneMode(base).runs[0]!;
const gates = (...texts: string[]) => texts.map((text) => parseGate(text));

test("a relative gate needs two sides", async () => {
  expect(await thrown(() => checkRunGates(gates("p99<=9ms", "p99<=+5%"), planOf({})))).toBe(
    "GATE_INVALID (2): -gate p99<=+5% needs a baseline | Add -ab, or run first and compare then: mesh-load compare BASELINE CANDIDATE.",
  );
  await checkRunGates(gates("p99<=+5%"), ab());
  await checkRunGates(gates("p99<=9ms"), planOf({}));
});

const twoUrls = { targets: [{ url: "http://h:1" }, { url: "http://h:2" }] };

test.each<[string, Plan, string]>([
  [
    "foo:p99<=5ms",
    planOf({}),
    'nothing here is called "foo" | There are default, reuse_port, exact_balance.',
  ],
  ["exact_balanc:p99<=+5%", ab(), '| Did you mean "exact_balance"?'],
  ["c=3 default:p99<=5ms", planOf({ load: { connections: [2, 8] } }), '| Did you mean "c=2 default"?'],
  ["h:1:p99<=5ms", planOf({ targets: [{ url: "http://h:1" }] }), "| There are target."],
  ["target:p99<=5ms", planOf(twoUrls), "| There are h:1, h:2."],
  ["balancedP90<=5ms", planOf({}), "attributed at another tail | There is balancedP99;"],
])("a gate on what the runs will not have is refused before them: %s", async (gate, plan, message) => {
  expect(await thrown(() => checkRunGates(gates(gate), plan))).toContain(message);
});

test.each<[string, Profile]>([
  ["a lab", {}],
  ["two sides", { lab: { sides: {} } }],
  ["a sweep", { load: { connections: [2, 8] } }],
  ["one URL", { targets: [{ url: "http://h:1" }] }],
  ["two URLs", twoUrls],
  [
    "a URL a side",
    {
      targets: [
        { url: "http://h:1", side: "a" },
        { url: "http://h:2", side: "b" },
      ],
    },
  ],
  ["modes and a URL", { targets: [{ url: "http://h:1", mode: "default" }, { url: "http://h:2" }] }],
])("the groups planned are those that the runs make: %s", (_, profile) => {
  const plan = planOf(profile);
  const runs = stepsOf(plan).flatMap(({ name: step }) =>
    plan.targets.map(({ mode, side, url }) => ({
      ...example,
      mode,
      side,
      step,
      target: { ...example.target, url },
    })),
  );
  const made = groupRuns([{ ...oneMode(base), plan, runs }], 0.99);
  expect(plannedGroups(plan)).toEqual(made.map(({ group, title }) => ({ group, title })));
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
