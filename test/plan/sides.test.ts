/** The two sides of an A/B experiment, from the flags to the plan. */

import { expect, test } from "vitest";
import { intentOf } from "../../src/cli/intent.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import type { LabProfile, Profile } from "../../src/plan/profile.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { thrown } from "../thrown.ts";

const planOf = (values: Record<string, string | boolean>, ...urls: string[]): Plan =>
  createPlan({ flags: intentOf(values, urls, null), freshSeed: 7 });
const targetsOf = ({ targets }: Plan): string[] =>
  targets.map(({ side, name, url, admin, pid }) => [side, name, url, admin, pid].join(" ").trim());

test("-ab in the lab makes two labs that are alike, seven times", () => {
  const plan = planOf({ ab: true, modes: "default,exact_balance" });
  const same = { envoy: null, workUs: null, upstream: null };
  expect(plan.lab?.sides).toEqual({ a: same, b: same });
  expect(plan.targets.map(({ side, name, mode }) => [side, name, mode])).toEqual([
    ["a", "default", "default"],
    ["b", "default", "default"],
    ["a", "exact_balance", "exact_balance"],
    ["b", "exact_balance", "exact_balance"],
  ]);
  expect(plan.repetitions).toBe(7);
});

test("what side b does not say is as on side a; one upstream makes two", () => {
  const { lab } = planOf({
    envoy: "/base/envoy",
    "upstream-delay": "10ms",
    "ab-envoy": "/head/envoy",
    "ab-upstream-delay": "11.5ms",
    "ab-work": "250",
  });
  const upstream = { protocol: "http/1.1", delayUs: 10_000, sizeBytes: 0, status: 200 };
  expect(lab?.sides).toEqual({
    a: { envoy: "/base/envoy", workUs: null, upstream },
    b: { envoy: "/head/envoy", workUs: 250, upstream: { ...upstream, delayUs: 11_500 } },
  });
  const only = planOf({ "ab-upstream-delay": "1ms" }).lab?.sides;
  expect(only?.a.upstream).toEqual({ ...upstream, delayUs: 0 });
});

test("a profile may say the same, and flags override it side by side", () => {
  const profile: Profile = { lab: { sides: { a: { work: 100 }, b: { work: 200, envoy: "/b" } } } };
  const { lab } = createPlan({ profile, flags: intentOf({ "ab-envoy": "/other" }, [], null), freshSeed: 7 });
  expect(lab?.sides).toMatchObject({ a: { workUs: 100, envoy: null }, b: { workUs: 200, envoy: "/other" } });
});

test("two URLs are the sides; each mode may be given twice", () => {
  const two = planOf(
    { ab: true, admin: "http://h:1", "ab-admin": "http://h:2", "ab-pid": "42" },
    "http://h:81",
    "http://h:82",
  );
  expect(targetsOf(two)).toEqual(["a h:81 http://h:81/ http://h:1", "b h:82 http://h:82/ http://h:2 42"]);
  expect(two.repetitions).toBe(7);
  const urls = ["default=http://h:1", "reuse_port=http://h:2", "default=http://h:3", "reuse_port=http://h:4"];
  expect(targetsOf(planOf({ ab: true }, ...urls))).toEqual([
    "a default http://h:1/",
    "a reuse_port http://h:2/",
    "b default http://h:3/",
    "b reuse_port http://h:4/",
  ]);
  expect(targetsOf(planOf({ ab: true }, "http://h:81/a", "http://h:81/b"))).toHaveLength(2);
});

test.each([
  [["http://h:1"], "a has http://h:1/, b none"],
  [["http://h:1", "http://h:2", "http://h:3"], "a has http://h:1/, b http://h:2/ and http://h:3/"],
  [["default=http://h:1", "reuse_port=http://h:2"], "a has default and reuse_port, b none"],
])("-ab %j is refused", async (urls, sides) => {
  expect(await thrown(() => planOf({ ab: true }, ...urls))).toBe(
    `PLAN_IMPOSSIBLE (2): -ab needs each target on both sides, and ${sides} | Write -ab URL-A URL-B, or MODE=URL twice for each mode.`,
  );
});

test.each([
  [["e/a.yaml"], "a has e/a.yaml, b none"],
  [["default=a.yaml", "default=b.yaml", "reuse_port=c.yaml"], "a has default and reuse_port, b default"],
])("-ab %j is refused, and the hint is of files", async (files, sides) => {
  expect(await thrown(() => planOf({ ab: true }, ...files))).toBe(
    `PLAN_IMPOSSIBLE (2): -ab needs each target on both sides, and ${sides} | Write -ab A.yaml B.yaml, or MODE=FILE twice for each mode.`,
  );
});

test("a lab's side is of no use to URLs", async () => {
  expect(await thrown(() => planOf({ "ab-envoy": "/b" }, "http://h:1", "http://h:2"))).toContain(
    "PLAN_IMPOSSIBLE (2): -sides: for the lab's Envoy only",
  );
});

test("a plan without -ab has no sides", () => {
  const plan = planOf({});
  expect(plan.lab?.sides).toBeNull();
  expect(plan.targets.map(({ side }) => side)).toEqual(["", "", ""]);
  expect(planOf({ ab: false }).lab?.sides).toBeNull();
});

const labOf = (lab: LabProfile) => createPlan({ profile: { lab }, freshSeed: 7 }).lab!;

test("a limit of connections holds for the side that names it, or for both", () => {
  const { limits, sides } = labOf({ sides: { b: { maxRequestsPerConnection: 100 } } });
  expect([limits, sides!.a.limits, sides!.b.limits]).toEqual([
    undefined,
    undefined,
    { maxRequests: 100, maxDurationUs: null },
  ]);
  const both = labOf({ maxConnectionDuration: "2s", sides: {} });
  expect([both.limits, both.sides!.b.limits]).toEqual([{ maxRequests: null, maxDurationUs: 2e6 }, undefined]);
});
