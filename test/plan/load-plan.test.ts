import { expect, test } from "vitest";
import { createPlan } from "../../src/plan/create-plan.ts";
import type { LoadPlan } from "../../src/plan/plan.ts";
import type { LoadProfile, Profile } from "../../src/plan/profile.ts";
import { thrown } from "../thrown.ts";

const targets = [{ url: "http://h" }];

const resolve = (profile: Profile): LoadPlan => createPlan({ profile, freshSeed: 1 }).load;

test("initial errors end a run against a URL, and not in the lab, which answers as it was told to", () => {
  const profiles = [
    { targets },
    {},
    { targets, load: { allowInitialErrors: true } },
    { load: { allowInitialErrors: false } },
  ];
  const resolved = profiles.map(resolve);
  expect(resolved.map(({ allowInitialErrors }) => allowInitialErrors)).toEqual([false, true, true, false]);
});

test("-abort-on takes a status, or -1", () => {
  const resolved = [{}, { abortOn: 503 }, { abortOn: -1 }].map((load) => resolve({ targets, load }));
  expect(resolved.map(({ abortOn }) => abortOn)).toEqual([null, 503, -1]);
});

test.each<[LoadProfile, string]>([
  [
    { abortOn: 0 },
    "PLAN_IMPOSSIBLE (2): -abort-on 0 is no status | Use a status such as 503, or -1 for requests without response.",
  ],
  [
    { abortOn: -2 },
    "PLAN_IMPOSSIBLE (2): -abort-on -2 is no status | Use a status such as 503, or -1 for requests without response.",
  ],
])("refuses %j", async (load, expected) => {
  expect(await thrown(() => resolve({ targets, load }))).toBe(expected);
});

test.each([
  [3000, 128, 0, 1, "one thread carries 20 000 a second"],
  [20_001, 128, 0, 2, "beyond that there are two"],
  [1e6, 128, 0, 4, "four at most"],
  [1e6, 3, 0, 3, "never more than connections"],
  [0, 128, 0, 1, "as fast as it goes: one, the cores are the target's"],
  [100, 128, 6, 6, "as asked for"],
])(
  "%d qps over %d connections with -threads %d takes %d threads: %s",
  (qps, connections, threads, expected) => {
    expect(resolve({ load: { qps, connections, threads } }).threads).toBe(expected);
  },
);
