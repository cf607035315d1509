/** Envoy configurations of the user's in place of URLs, from the flags to the plan. */

import { expect, test } from "vitest";
import { intentOf } from "../../src/cli/intent.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import type { Plan, TargetPlan } from "../../src/plan/plan.ts";
import { parseTarget } from "../../src/plan/target-url.ts";
import { thrown } from "../thrown.ts";

const planOf = (values: Record<string, string | boolean | string[]>, ...targets: string[]): Plan =>
  createPlan({ flags: intentOf(values, targets, null), freshSeed: 7 });

const targetOf = (side: "a" | "b", file: string, envoy: string): TargetPlan => ({
  name: "envoy.yaml",
  side,
  mode: null,
  url: "",
  bootstrap: { file, envoy, workers: 4 },
  admin: null,
  pid: null,
  listener: "web",
});

test("two bootstraps are the sides, each under its own binary", () => {
  const values = { ab: true, envoy: "/base", "ab-envoy": "/head", workers: "4", listener: "web" };
  const { lab, targets, repetitions, load } = planOf(values, "old/envoy.yaml", "new/envoy.yaml");
  expect(lab).toBeNull();
  expect(targets).toEqual([
    targetOf("a", "old/envoy.yaml", "/base"),
    targetOf("b", "new/envoy.yaml", "/head"),
  ]);
  // As with URLs: Fortio's load, and a first request that fails ends it.
  expect([repetitions, load.connections, load.qps, load.allowInitialErrors]).toEqual([7, 4, 8, false]);
});

test("bootstraps may be modes, or one alone", () => {
  const modes = planOf({}, "default=a.yaml", "exact_balance=b.yaml").targets;
  expect(modes.map(({ name, mode, bootstrap }) => [name, mode, bootstrap])).toEqual([
    ["default", "default", { file: "a.yaml", envoy: null, workers: 2 }],
    ["exact_balance", "exact_balance", { file: "b.yaml", envoy: null, workers: 2 }],
  ]);
  expect(planOf({}, "only.json").targets.map(({ name }) => name)).toEqual(["only.json"]);
});

test.each([
  ["a.yaml", true],
  ["./x/a.YML", true],
  ["envoy-1.json", true],
  ["http://h/a.yaml", false],
  ["https://h/a.json", false],
])("%s is a bootstrap: %s", (text, isBootstrap) => {
  expect(parseTarget(text)).toHaveProperty(isBootstrap ? "bootstrap" : "url");
});

test.each([
  [
    {},
    ["a.yaml", "b.yaml"],
    "a.yaml and b.yaml: what is to be compared is not clear | Write -ab for two sides, or MODE=FILE for each.",
  ],
  [
    { ab: true },
    ["a.yaml", "http://h:1"],
    "a.yaml is a bootstrap, and http://h:1/ a URL | Give bootstraps alone, or start that Envoy yourself and give its URL.",
  ],
  [
    { work: "4", "max-connection-duration": "2s" },
    ["a.yaml"],
    "-work, -max-connection-duration: for the lab's Envoy only, and bootstraps are started as they are | Leave them out, or leave the bootstraps out to use the lab; MODE=URL says a listener's mode.",
  ],
  [
    { ab: true, "ab-work": "4" },
    ["a.yaml", "b.yaml"],
    "-ab-work: for the lab's Envoy only, and bootstraps are started as they are | Leave them out, or leave the bootstraps out to use the lab; MODE=URL says a listener's mode.",
  ],
  [
    { admin: "http://h:1" },
    ["a.yaml"],
    "-admin is for an Envoy of yours, and the lab starts its own | Give its URL too.",
  ],
  [
    { resolve: "127.0.0.1" },
    ["a.yaml"],
    "-resolve says where a server of yours is, and the lab starts its own | Give its URL too.",
  ],
  [
    { k: true },
    ["a.yaml"],
    "a bootstrap's listener is driven in plain text, and a flag is about TLS | Start that Envoy yourself and give its https:// URL.",
  ],
  [{ workers: "0" }, ["a.yaml"], "-workers 0 is out of range | Use 1 to 256 Envoy workers."],
])("%j with %j is refused", async (values: Record<string, string | boolean>, targets, message) => {
  expect(await thrown(() => planOf(values, ...targets))).toBe(`PLAN_IMPOSSIBLE (2): ${message}`);
});

test("a target of a profile has one of the two", async () => {
  const target = { url: "http://h/", bootstrap: "a.yaml" };
  expect(await thrown(() => createPlan({ profile: { targets: [target] }, freshSeed: 7 }))).toContain(
    "target a.yaml has a URL too",
  );
  expect(
    await thrown(() => createPlan({ profile: { targets: [{ mode: "default" }] }, freshSeed: 7 })),
  ).toContain('a target has neither URL nor bootstrap: {"mode":"default"}');
});
