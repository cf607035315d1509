import fc from "fast-check";
import { expect, test } from "vitest";
import { createSchedule, shareOf } from "../../src/plan/schedule.ts";
import type { ScheduleSpec } from "../../src/plan/schedule.ts";
import { splitSchedule } from "../../src/plan/split.ts";
import { exampleLoad } from "./example-load.ts";

const base: ScheduleSpec = {
  qps: 100,
  cycle: 4,
  stages: [],
  positions: [[2], [0], [3], [1]],
  durationUs: 100_000,
  limit: Infinity,
  warmupUs: 0,
  arrivals: "fixed",
  uniform: true,
  jitter: false,
  seed: 7,
  thread: 0,
};

function walk(spec: ScheduleSpec, most = 1e6): { dueUs: number; slot: number }[] {
  const schedule = createSchedule(spec);
  const starts = [];
  while (schedule.dueUs !== Infinity && starts.length < most) {
    starts.push({ dueUs: schedule.dueUs, slot: schedule.slot });
    schedule.advance();
  }
  expect(schedule.passed).toBe(starts.length);
  return starts;
}

test("starts requests on an even grid, each slot at its position", () => {
  expect(walk(base)).toEqual(
    // 100 qps = 10 ms; position 0 belongs to slot 1, position 1 to slot 3, position 2 to slot 0, position 3 to slot 2
    [1, 3, 0, 2, 1, 3, 0, 2, 1, 3].map((slot, i) => ({ dueUs: i * 10_000, slot })),
  );
});

test("starts a whole cycle at once without uniform, as Fortio does", () => {
  expect(walk({ ...base, uniform: false }).map(({ dueUs }) => dueUs)).toEqual([
    0, 0, 0, 0, 40_000, 40_000, 40_000, 40_000, 80_000, 80_000, 80_000, 80_000,
  ]);
});

test("begins the warm-up early enough that the measured grid still starts at 0", () => {
  const dues = walk({ ...base, warmupUs: 25_000, durationUs: 20_000 }).map(({ dueUs }) => dueUs);
  expect(dues).toEqual([-30_000, -20_000, -10_000, 0, 10_000]);
});

test("keeps every slot at its own position through warm-up and load", () => {
  for (const { dueUs, slot } of walk({ ...base, warmupUs: 333_000 })) {
    const position = ((Math.round(dueUs / 10_000) % 4) + 4) % 4;
    expect(base.positions[slot]).toEqual([position]);
  }
});

const loads = fc.record({
  qps: fc.double({ min: 0.5, max: 50_000, noNaN: true }),
  connections: fc.integer({ min: 1, max: 200 }),
  threads: fc.integer({ min: 1, max: 8 }),
  seed: fc.integer({ min: 0, max: 1e9 }),
});

test("loses and repeats no start when connections are dealt to threads", () => {
  fc.assert(
    fc.property(loads, fc.integer({ min: 1, max: 2000 }), ({ threads, ...some }, limit) => {
      fc.pre(threads <= some.connections);
      const specs = splitSchedule({ ...exampleLoad, ...some, threads, exactly: limit }, some.seed);
      const dues = specs.flatMap((spec) => walk(spec).map(({ dueUs }) => dueUs)).sort((a, b) => a - b);
      expect(dues.length).toBe(limit);
      dues.forEach((dueUs, i) => expect(dueUs).toBeCloseTo((i * 1e6) / some.qps, 3));
      expect(specs.reduce((sum, spec) => sum + shareOf(spec), 0)).toBe(limit);
    }),
    { numRuns: 60 },
  );
});

test("fits exactly rate × duration starts into the duration", () => {
  for (const [qps, seconds] of [
    [3000, 5],
    [7, 3],
    [1000, 0.25],
    // 1.1 · 10 is 11.000000000000002 in binary.
    [1.1, 10],
  ] as const) {
    expect(walk({ ...base, qps, durationUs: seconds * 1e6 }).length).toBe(Math.ceil(qps * seconds - 1e-9));
  }
});

const positionsOf = (seed: number): readonly number[] =>
  splitSchedule({ ...exampleLoad, connections: 64 }, seed)[0]!.positions.flat();

test("deals positions in a random order that the seed repeats", () => {
  expect(positionsOf(1)).toEqual(positionsOf(1));
  expect(positionsOf(1)).not.toEqual(positionsOf(2));
  expect([...positionsOf(1)].sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, i) => i));
});

test("draws Poisson arrivals whose gaps are exponential and whose connections are drawn evenly", () => {
  const spec = { ...base, arrivals: "poisson" as const, limit: 40_000 };
  const starts = walk(spec);
  expect(starts.length).toBe(40_000);
  const gaps = starts.map(({ dueUs }, i) => dueUs - (starts[i - 1]?.dueUs ?? 0));
  const mean = gaps.reduce((a, b) => a + b) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  // Exponential: mean 10 ms, standard deviation equal to the mean, a share of 1 − 1/e below it.
  expect(mean / 10_000).toBeCloseTo(1, 1);
  expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1);
  expect(gaps.filter((gap) => gap < mean).length / gaps.length).toBeCloseTo(1 - 1 / Math.E, 1);
  for (let slot = 0; slot < 4; slot++)
    expect(starts.filter((start) => start.slot === slot).length / 40_000).toBeCloseTo(0.25, 1);
});

test("ascends, keeps the count and stays within ±10 % of the period with jitter", () => {
  fc.assert(
    fc.property(loads, ({ qps, connections, seed }) => {
      const some = { qps, connections, seed };
      const spec = { ...splitSchedule({ ...exampleLoad, ...some, exactly: 500 }, some.seed)[0]! };
      const fixed = walk(spec);
      const jittered = walk({ ...spec, jitter: true });
      expect(jittered.length).toBe(500);
      jittered.forEach(({ dueUs }, i) => expect(dueUs).toBeGreaterThanOrEqual(jittered[i - 1]?.dueUs ?? 0));
      const bySlot = (starts: typeof fixed) =>
        starts.toSorted((a, b) => a.slot - b.slot || a.dueUs - b.dueUs);
      const most = (0.1 * 1e6 * some.connections) / some.qps + 1;
      const expected = bySlot(fixed);
      bySlot(jittered).forEach(({ dueUs, slot }, i) => {
        expect(slot).toBe(expected[i]!.slot);
        expect(Math.abs(dueUs - expected[i]!.dueUs)).toBeLessThanOrEqual(most);
      });
    }),
    { numRuns: 40 },
  );
});

test.each([{ arrivals: "poisson" }, { jitter: true }] as const)(
  "starts the requests of a count within the time that they take at their rate: %o",
  (changes) => {
    const limit = fc.integer({ min: 1, max: 2000 });
    fc.assert(
      fc.property(loads, limit, fc.boolean(), ({ qps, connections, seed }, exactly, warmsUp) => {
        const load = {
          ...exampleLoad,
          qps,
          connections,
          exactly,
          warmupUs: warmsUp ? 20e6 / qps : 0,
          ...changes,
        };
        const dues = splitSchedule(load, seed).flatMap((spec) => walk(spec).map(({ dueUs }) => dueUs));
        const measured = dues.filter((us) => us >= 0);
        expect(measured.length).toBe(exactly);
        expect(Math.max(...measured)).toBeLessThan((exactly / qps) * 1e6);
      }),
      { numRuns: 60 },
    );
  },
);

test("spreads the Poisson arrivals of a count as uniform ones are spread", () => {
  // Of 5 uniform ones on 50 ms, the i-th lies at 50 ms · i / 6 in the mean (David & Nagaraja, Order Statistics, 2003).
  const runs = Array.from({ length: 4000 }, (_, seed) =>
    walk({ ...base, arrivals: "poisson", limit: 5, seed }).map(({ dueUs }) => dueUs),
  );
  for (let i = 0; i < 5; i++) {
    const mean = runs.reduce((sum, dues) => sum + dues[i]!, 0) / runs.length;
    expect(Math.abs(mean - (50_000 * (i + 1)) / 6)).toBeLessThan(500);
  }
});
