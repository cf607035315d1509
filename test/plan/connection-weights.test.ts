import fc from "fast-check";
import { expect, test } from "vitest";
import { weightsOf } from "../../src/plan/connection-weights.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import type { LoadPlan } from "../../src/plan/plan.ts";
import type { LoadProfile } from "../../src/plan/profile.ts";
import { createSchedule, shareOf } from "../../src/plan/schedule.ts";
import type { ScheduleSpec } from "../../src/plan/schedule.ts";
import { splitSchedule } from "../../src/plan/split.ts";
import { thrown } from "../thrown.ts";
import { exampleLoad } from "./example-load.ts";

const targets = [{ url: "http://h/" }];
const loadOf = (load: LoadProfile): LoadPlan =>
  createPlan({ profile: { targets, load: { qps: 100, connections: 8, ...load } }, freshSeed: 1 }).load;

test("weighs connections from the first on, the rest 1, and divides by what all have in common", () => {
  const connectionWeights = [
    { connections: 1, weight: 9 },
    { connections: 2, weight: 3 },
  ];
  const load = loadOf({ connectionWeights });
  expect(load.connectionWeights).toEqual(connectionWeights);
  expect(weightsOf(load)).toEqual([9, 3, 3, 1, 1, 1, 1, 1]);
  expect(weightsOf({ ...load, connections: 3 })).toEqual([3, 1, 1]);
  expect(loadOf({}).connectionWeights).toEqual([]);
  expect(weightsOf(loadOf({}))).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
});

test.each<[LoadProfile, string]>([
  [{ qps: 0 }, "with -qps 0 every connection sends as fast as it is answered"],
  [{ keepalive: false }, "need connections that stay"],
  [{ connections: 3 }, "are of 4 connections, and -c 3 are fewer"],
  [{ exactly: 20 }, "-n 20 is less than the 40 requests"],
  [{ connections: [2, 8] }, "are of 4 connections, and -c 2 are fewer"],
  [
    {
      stages: [{ duration: "1s" }, { duration: "1s", connections: 12 }],
    },
    "stages that change the connections do not go together",
  ],
  [{ connectionWeights: [{ connections: 1, weight: 0 }] }, "load.connectionWeights[0].weight 0"],
  [{ connectionWeights: [{ connections: 0, weight: 2 }] }, "load.connectionWeights[0].connections 0"],
  [
    { connections: 5000, connectionWeights: [{ connections: 2500, weight: 1000 }] },
    "a cycle of 2502500 requests",
  ],
])("refuses what weights cannot mean: %o", async ({ connections = 8, ...rest }, message) => {
  const connectionWeights = [{ connections: 4, weight: 9 }];
  const error = await thrown(() => loadOf({ connectionWeights, connections, ...rest }));
  expect(error).toContain("PLAN_IMPOSSIBLE (2)");
  expect(error).toContain(message);
});

interface Start {
  readonly dueUs: number;
  /** The slot over all threads. */
  readonly slot: number;
}

function startsOf(specs: readonly ScheduleSpec[]): Start[] {
  return specs
    .flatMap((spec) => {
      const schedule = createSchedule(spec);
      const starts: Start[] = [];
      for (; schedule.dueUs !== Infinity; schedule.advance())
        starts.push({ dueUs: schedule.dueUs, slot: schedule.slot * specs.length + spec.thread });
      return starts;
    })
    .toSorted((a, b) => a.dueUs - b.dueUs);
}

const groups = fc.array(
  fc.record({ connections: fc.integer({ min: 1, max: 6 }), weight: fc.integer({ min: 1, max: 12 }) }),
  { minLength: 1, maxLength: 4 },
);
const loads = fc
  .record({
    connectionWeights: groups,
    alike: fc.integer({ min: 0, max: 5 }),
    threads: fc.integer({ min: 1, max: 4 }),
    qps: fc.double({ min: 0.5, max: 50_000, noNaN: true }),
    seed: fc.integer({ min: 0, max: 1e9 }),
  })
  .map(({ connectionWeights, alike, threads, qps, seed }) => {
    const named = connectionWeights.reduce((sum, one) => sum + one.connections, 0);
    const connections = named + alike;
    const load = {
      ...exampleLoad,
      qps,
      connections,
      connectionWeights,
      threads: Math.min(threads, connections),
    };
    const weights = weightsOf(load);
    return { load, seed, weights, cycle: weights.reduce((sum, weight) => sum + weight, 0) };
  });

test("all threads together make the even grid, and each connection has exactly its share of every cycle", () => {
  fc.assert(
    fc.property(loads, fc.integer({ min: 1, max: 3 }), ({ load, seed, weights, cycle }, cycles) => {
      const specs = splitSchedule({ ...load, exactly: cycles * cycle }, seed);
      const starts = startsOf(specs);
      expect(starts.length).toBe(cycles * cycle);
      starts.forEach(({ dueUs }, i) => expect(dueUs).toBeCloseTo((i * 1e6) / load.qps, 3));
      for (let first = 0; first < starts.length; first += cycle)
        expect(countsOf(starts.slice(first, first + cycle), weights.length)).toEqual(weights);
      expect(startsOf(splitSchedule({ ...load, exactly: cycles * cycle }, seed))).toEqual(starts);
    }),
    { numRuns: 60 },
  );
});

test("gives a limit that is no whole cycle to threads without loss", () => {
  fc.assert(
    fc.property(loads, fc.double({ min: 1, max: 3, noNaN: true }), ({ load, seed, cycle }, cycles) => {
      const exactly = Math.floor(cycles * cycle);
      const specs = splitSchedule({ ...load, exactly }, seed);
      for (const spec of specs) expect(startsOf([{ ...spec, thread: 0 }]).length).toBe(shareOf(spec));
      expect(specs.reduce((sum, spec) => sum + shareOf(spec), 0)).toBe(exactly);
    }),
    { numRuns: 40 },
  );
});

test("spreads a connection's turns over the cycle: a position early or late for each other weight", () => {
  fc.assert(
    fc.property(loads, ({ load, seed, weights, cycle }) => {
      const slots = splitSchedule({ ...load, threads: 1 }, seed)[0]!.positions;
      const others = new Set(weights).size - 1;
      for (const [slot, own] of slots.entries())
        for (const [turn, position] of own.entries()) {
          const next = own[turn + 1] ?? own[0]! + cycle;
          expect(Math.abs(next - position - cycle / weights[slot]!)).toBeLessThanOrEqual(others + 1e-9);
        }
    }),
    { numRuns: 60 },
  );
});

test("without uniform every connection begins at once and keeps its own period", () => {
  fc.assert(
    fc.property(loads, ({ load, seed, weights, cycle }) => {
      const specs = splitSchedule({ ...load, uniform: false, exactly: 2 * cycle }, seed);
      const starts = startsOf(specs);
      expect(starts.length).toBe(2 * cycle);
      for (const [slot, weight] of weights.entries())
        starts
          .filter((start) => start.slot === slot)
          .forEach(({ dueUs }, i) => expect(dueUs).toBeCloseTo((i * cycle * 1e6) / (weight * load.qps), 3));
    }),
    { numRuns: 40 },
  );
});

const bySlot = (starts: Start[]): Start[] => starts.toSorted((a, b) => a.slot - b.slot || a.dueUs - b.dueUs);

test("moves a start by at most a tenth of its own connection's period with jitter", () => {
  const load = { ...exampleLoad, connectionWeights: [{ connections: 1, weight: 7 }], exactly: 500 };
  const fixed = bySlot(startsOf(splitSchedule(load, 3)));
  const jittered = bySlot(startsOf(splitSchedule({ ...load, jitter: true }, 3)));
  const most = jittered.map(({ dueUs, slot }, i) => {
    expect(slot).toBe(fixed[i]!.slot);
    const periodUs = (10 / (slot === 0 ? 7 : 1)) * 10_000;
    return Math.abs(dueUs - fixed[i]!.dueUs) / periodUs;
  });
  expect(Math.max(...most)).toBeLessThanOrEqual(0.1 + 1e-9);
  expect(Math.max(...most)).toBeGreaterThan(0.09);
});

test("draws poisson arrivals by weight, and holds the shares while stages change the rate", () => {
  const load = { ...exampleLoad, connectionWeights: [{ connections: 1, weight: 9 }], threads: 2 };
  const poisson = startsOf(splitSchedule({ ...load, arrivals: "poisson", exactly: 24_000 }, 5));
  const counts = countsOf(poisson, 4);
  // Binomial(24 000, 9/12): 18 000 ± 67; the others 2000 ± 43.
  expect(Math.abs(counts[0]! - 18_000)).toBeLessThan(5 * 67);
  for (const count of counts.slice(1)) expect(Math.abs(count - 2000)).toBeLessThan(5 * 43);
  const stage = { durationUs: 6e6, fromConnections: 4, toConnections: 4 };
  const staged = startsOf(
    splitSchedule(
      {
        ...load,
        stages: [
          { ...stage, fromQps: 0, toQps: 40 },
          { ...stage, fromQps: 40, toQps: 40 },
        ],
      },
      5,
    ),
  );
  // 120 + 240 requests are 30 whole cycles of 12.
  expect(countsOf(staged, 4)).toEqual([270, 30, 30, 30]);
});

function countsOf(starts: readonly Start[], connections: number): number[] {
  const counts = Array<number>(connections).fill(0);
  for (const { slot } of starts) counts[slot]!++;
  return counts;
}
