/** What is driven in several steps: a sweep over connections, and the search for a rate. */

import { expect, test } from "vitest";
import { createPlan } from "../../src/plan/create-plan.ts";
import type { LoadProfile, Profile } from "../../src/plan/profile.ts";
import { plannedRuns, stepsOf } from "../../src/plan/steps.ts";
import { thrown } from "../thrown.ts";

const plan = (flags: Profile) => createPlan({ flags, freshSeed: 7 });

test("several connection counts are a sweep, checked in each step; the load is that of the most", () => {
  const { sweep, load, ...rest } = plan({ load: { connections: [64, 2, 8], qps: 50_000 } });
  expect([sweep, load.connections, load.threads]).toEqual([[64, 2, 8], 64, 3]);
  expect(stepsOf({ sweep, load }).map(({ name, load: of }) => [name, of.connections, of.threads])).toEqual([
    ["c=64", 64, 3],
    ["c=2", 2, 2],
    ["c=8", 8, 3],
  ]);
  expect(plannedRuns({ ...rest, sweep })).toBe(3 * 3 * 3);
  const one = plan({ load: { connections: [8] } });
  expect([one.sweep, one.load.connections]).toEqual([[], 8]);
});

test.each<[LoadProfile, string]>([
  [{ connections: [2, 8, 2] }, "-c names 2 twice"],
  [{ connections: [2, 0] }, "-c 0 is no number of connections"],
  [{ connections: [2, 8], exactly: 4 }, "-n 4 leaves some of -c 8 without a request"],
  [{ connections: [2, 8], threads: 4 }, "-threads 4 leaves some threads without one of -c 2 connections"],
  [{ connections: [2, 8], stages: [{ duration: "1s", qps: 5 }] }, "-c 2,8 is a sweep"],
  [{ connections: [2, 8], duration: "0" }, "-t 0 never ends the first of 18 runs"],
])("an impossible sweep is refused before its first step: %j", async (load, message) => {
  expect(await thrown(() => plan({ load }))).toContain(message);
});

test("a search starts from the rate, and reaches 64 times up and down", () => {
  const { search } = plan({ findMax: ["p99<10ms"], load: { qps: 640 } });
  expect(search).toEqual({
    objectives: ["p99<10ms"],
    startQps: 640,
    leastQps: 10,
    mostQps: 40_960,
    resolution: 0.05,
  });
  expect(plan({}).search).toBeNull();
});

test.each<[Profile, string]>([
  [{ load: { qps: 0 } }, "-find-max starts from a rate, and -qps 0 has none"],
  [{ load: { connections: [2, 8] } }, "-find-max varies the rate alone, and -c 2,8 sweeps"],
  [{ load: { stages: [{ duration: "1s", qps: 5 }] } }, "-find-max varies the rate alone, and stages change"],
  [{ lab: { sides: {} } }, "-find-max and -ab do not go together"],
  [{ lab: { modes: ["default"] }, repetitions: 1, load: { duration: "0" } }, "-t 0 never ends the first run"],
])("an impossible search is refused: %j", async (profile, message) => {
  expect(await thrown(() => plan({ findMax: ["p99<10ms"], ...profile }))).toContain(message);
});
