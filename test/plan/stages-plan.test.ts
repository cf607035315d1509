import { expect, test } from "vitest";
import { plannedUs } from "../../src/plan/amount-plan.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import type { LoadPlan } from "../../src/plan/plan.ts";
import { parseProfile } from "../../src/plan/profile.ts";
import type { LoadProfile } from "../../src/plan/profile.ts";
import { thrown } from "../thrown.ts";

const targets = [{ url: "http://h" }];

const resolve = (load: LoadProfile): LoadPlan =>
  createPlan({ profile: { targets, load }, freshSeed: 1 }).load;

/** `10s 5→50 qps 4→8` */
const shown = ({ stages }: LoadPlan): string[] =>
  stages.map(
    ({ durationUs, fromQps, toQps, fromConnections, toConnections }) =>
      `${durationUs / 1e6}s ${fromQps}→${toQps} qps ${fromConnections}→${toConnections}`,
  );

test("steps have their values at once, ramps reach them at their end, and what is not named stays", () => {
  const load = resolve({
    connections: 4,
    stages: [
      { duration: "10s", qps: 50 },
      { duration: "1m", qps: 500, ramp: "linear" },
      { duration: "20s", connections: 8 },
      { duration: "5s", qps: 0, connections: 2, ramp: "linear" },
    ],
  });
  expect(shown(load)).toEqual([
    "10s 50→50 qps 4→4",
    "60s 50→500 qps 4→4",
    "20s 500→500 qps 8→8",
    "5s 500→0 qps 8→2",
  ]);
  expect([load.qps, load.connections, load.durationUs, load.exactly]).toEqual([500, 8, 95e6, null]);
});

test("a first ramp begins with what the load says, or else with nothing", () => {
  const stages = [{ duration: "10s", qps: 100, connections: 9, ramp: "linear" }] as const;
  expect(shown(resolve({ stages }))).toEqual(["10s 0→100 qps 1→9"]);
  expect(shown(resolve({ qps: 50, connections: 3, stages }))).toEqual(["10s 50→100 qps 3→9"]);
});

test("what no stage names is the default: 8 qps, 4 connections", () => {
  expect(shown(resolve({ stages: [{ duration: "1s", connections: 2 }] }))).toEqual(["1s 8→8 qps 2→2"]);
  expect(shown(resolve({ stages: [{ duration: "1s", qps: 2 }] }))).toEqual(["1s 2→2 qps 4→4"]);
});

test("connections ramp as fast as they go, too", () => {
  const stages = [{ duration: "10s", connections: 64, ramp: "linear" }] as const;
  const load = resolve({ qps: 0, stages });
  expect(shown(load)).toEqual(["10s 0→0 qps 1→64"]);
  expect(load.qps).toBe(0);
});

test("-t 0 holds the last stage until interrupted", () => {
  expect(resolve({ duration: "0", stages: [{ duration: "1s", qps: 2 }] }).durationUs).toBe(0);
});

test("threads are as many as the highest rate needs, and no more than the most connections", () => {
  const stages = [
    { duration: "1s", qps: 10, connections: 1 },
    { duration: "1s", qps: 50_000, connections: 2 },
  ];
  expect(resolve({ stages }).threads).toBe(2);
});

test.each<[LoadProfile, string]>([
  [
    { exactly: 100, stages: [{ duration: "1s", qps: 2 }] },
    "PLAN_IMPOSSIBLE (2): -n 100 and load.stages contradict each other: stages say how long they last | Leave out -n.",
  ],
  [
    { duration: "5s", stages: [{ duration: "1s", qps: 2 }] },
    "PLAN_IMPOSSIBLE (2): -t 5s and load.stages contradict each other: stages say how long they last | Leave out -t, or write -t 0 to hold the last stage until interrupted.",
  ],
  [
    { warmup: "5s", stages: [{ duration: "1s", qps: 2 }] },
    "PLAN_IMPOSSIBLE (2): -warmup 5s and load.stages contradict each other: the first stage warms up | Add a stage before the others: each has its own figures.",
  ],
  [
    { qps: 7, stages: [{ duration: "1s", qps: 2 }] },
    "PLAN_IMPOSSIBLE (2): -qps 7 has no effect: the first of load.stages begins with qps 2 | Leave it out, or let the first stage ramp: linear from there.",
  ],
  [
    { connections: 7, stages: [{ duration: "1s", connections: 2 }] },
    "PLAN_IMPOSSIBLE (2): -c 7 has no effect: the first of load.stages begins with connections 2 | Leave it out, or let the first stage ramp: linear from there.",
  ],
  [
    { stages: [{ duration: "1500ms", qps: 2 }] },
    "PLAN_IMPOSSIBLE (2): load.stages[0]: 1500ms are not whole seconds | Use 1s or more: every second of the series belongs to one stage.",
  ],
  [
    { stages: [{ duration: "1s", qps: 0 }] },
    "PLAN_IMPOSSIBLE (2): load.stages make not one whole request | Raise a qps, or a duration.",
  ],
  [
    {
      duration: "0",
      stages: [
        { duration: "9s", qps: 9 },
        { duration: "1s", qps: 0 },
      ],
    },
    "PLAN_IMPOSSIBLE (2): -t 0 holds the last stage, and that has no request | Leave out -t 0, or give the last stage a qps.",
  ],
])("refuses %j", async (load, expected) => {
  expect(await thrown(() => resolve(load))).toBe(expected);
});

test("in YAML, mistakes are told with their place", async () => {
  const stages = "load:\n  stages:\n    - { duration: 10s, qps: 5, rampp: linear }\n";
  expect(await thrown(() => parseProfile(stages, "p.yaml"))).toContain(
    'p.yaml:3:32: unknown key "rampp" in load.stages[0]',
  );
});

test("-calc-qps takes the rate that makes so many requests in that time", () => {
  const load = resolve({ calcQps: true, exactly: 500, duration: "4s" });
  expect([load.qps, load.exactly, plannedUs(load)]).toEqual([125, 500, 4e6]);
  // Fortio's default is five seconds, too.
  expect(resolve({ calcQps: true, exactly: 500 }).qps).toBe(100);
});

const layered = (profile: LoadProfile, flags: LoadProfile): LoadPlan =>
  createPlan({ profile: { targets, load: profile }, flags: { load: flags }, freshSeed: 1 }).load;

test("flags and profile meet in -calc-qps as they are meant", () => {
  expect(layered({ qps: 7 }, { calcQps: true, exactly: 500, duration: "4s" }).qps).toBe(125);
  expect(layered({ duration: "4s" }, { calcQps: true, exactly: 500 }).qps).toBe(125);
  expect(layered({ calcQps: true, exactly: 500 }, { qps: 7 }).qps).toBe(7);
});

test.each<[LoadProfile, string]>([
  [
    { calcQps: true, qps: 5, exactly: 100 },
    "PLAN_IMPOSSIBLE (2): -calc-qps and -qps 5 contradict each other | Keep one of the two.",
  ],
  [
    { calcQps: true, duration: "5s" },
    "PLAN_IMPOSSIBLE (2): -calc-qps divides -n by -t, and one of them is missing | Write -n 1000 -t 10s -calc-qps.",
  ],
  [
    { calcQps: true, exactly: 10, duration: "0" },
    "PLAN_IMPOSSIBLE (2): -calc-qps divides -n by -t, and one of them is missing | Write -n 1000 -t 10s -calc-qps.",
  ],
])("refuses %j", async (load, expected) => {
  expect(await thrown(() => resolve(load))).toBe(expected);
});
