import fc from "fast-check";
import { expect, test } from "vitest";
import type { LoadPlan, StagePlan } from "../../src/plan/plan.ts";
import { createSchedule, rateCurveOf } from "../../src/plan/schedule.ts";
import type { ScheduleSpec } from "../../src/plan/schedule.ts";
import { splitSchedule } from "../../src/plan/split.ts";
import { exampleLoad } from "./example-load.ts";
import { stagesOf } from "./example-stages.ts";

interface Start {
  readonly dueUs: number;
  /** Of the whole load: which position of the cycle. */
  readonly position: number;
}

function startsOf(spec: ScheduleSpec): Start[] {
  const schedule = createSchedule(spec);
  const starts: Start[] = [];
  for (; schedule.dueUs !== Infinity; schedule.advance())
    starts.push({ dueUs: schedule.dueUs, position: spec.positions[schedule.slot]![0]! });
  return starts;
}

function specsOf(stages: readonly StagePlan[], changes: Partial<LoadPlan> = {}): ScheduleSpec[] {
  const connections = Math.max(...stages.flatMap((stage) => [stage.fromConnections, stage.toConnections]));
  const load = {
    ...exampleLoad,
    stages,
    connections,
    durationUs: stages.reduce((sum, { durationUs }) => sum + durationUs, 0),
    ...changes,
  };
  return splitSchedule({ ...load, threads: Math.min(load.threads, connections) }, 7);
}

const merged = (specs: readonly ScheduleSpec[]): Start[] =>
  specs.flatMap(startsOf).sort((a, b) => a.dueUs - b.dueUs || a.position - b.position);

const perPosition = (starts: readonly Start[]): number[] =>
  starts.map(({ position }) => position).sort((a, b) => a - b);

const anyStages = stagesOf({ mostQps: 400, mostSeconds: 3 });
const threads = fc.integer({ min: 1, max: 5 });

test.each([
  ["fixed", {}],
  ["jittered", { jitter: true }],
  ["together", { uniform: false }],
  ["poisson", { arrivals: "poisson" }],
] as const)("%s starts ascend, lie in the load, and go to connections that take part", (_, changes) => {
  fc.assert(
    fc.property(anyStages, threads, (stages, count) => {
      const specs = specsOf(stages, { ...changes, threads: count });
      for (const spec of specs) {
        const starts = startsOf(spec);
        starts.forEach(({ dueUs }, i) => {
          expect(dueUs).toBeGreaterThanOrEqual(starts[i - 1]?.dueUs ?? 0);
          expect(dueUs).toBeLessThan(spec.durationUs);
        });
      }
    }),
    { numRuns: 40 },
  );
});

test("threads together make the schedule of one, for Poisson arrivals as for fixed ones", () => {
  fc.assert(
    fc.property(anyStages, threads, fc.constantFrom("fixed", "poisson"), (stages, count, arrivals) => {
      const one = merged(specsOf(stages, { arrivals }));
      expect(merged(specsOf(stages, { arrivals, threads: count }))).toEqual(one);
    }),
    { numRuns: 40 },
  );
});

test("as many starts lie before any moment as the integral of the rate says, to one", () => {
  const moment = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(anyStages, threads, moment, (stages, count, part) => {
      const starts = merged(specsOf(stages, { threads: count }));
      const endUs = stages.reduce((sum, { durationUs }) => sum + durationUs, 0);
      expect(starts.length).toBe(Math.ceil(dueBefore(stages, endUs) - 1e-6));
      const before = starts.filter(({ dueUs }) => dueUs < part * endUs).length;
      expect(Math.abs(before - dueBefore(stages, part * endUs))).toBeLessThanOrEqual(1 + 1e-6);
    }),
    { numRuns: 100 },
  );
});

test("jitter moves starts, and neither loses nor adds one", () => {
  fc.assert(
    fc.property(anyStages, threads, (stages, count) => {
      const fixed = merged(specsOf(stages, { threads: count }));
      const jittered = merged(specsOf(stages, { threads: count, jitter: true }));
      expect(perPosition(jittered)).toEqual(perPosition(fixed));
    }),
    { numRuns: 40 },
  );
});

/** The integral in closed form, stage by stage. */
function dueBefore(stages: readonly StagePlan[], us: number): number {
  let startUs = 0;
  let due = 0;
  for (const { durationUs, fromQps, toQps } of stages) {
    const share = Math.min(1, Math.max(0, (us - startUs) / durationUs));
    due += (fromQps + ((toQps - fromQps) * share) / 2) * ((durationUs * share) / 1e6);
    startUs += durationUs;
  }
  return due;
}

const step = (qps: number, connections: number, seconds = 1): StagePlan => ({
  durationUs: seconds * 1e6,
  fromQps: qps,
  toQps: qps,
  fromConnections: connections,
  toConnections: connections,
});

test("a step in connections begins with its stage, and every connection then has an equal share", () => {
  const stages = [step(4, 64), step(100, 5), step(64, 64)];
  const starts = merged(specsOf(stages, { threads: 2 }));
  const inSecond = (second: number): number[] =>
    starts.filter(({ dueUs }) => Math.floor(dueUs / 1e6) === second).map(({ position }) => position);
  expect(inSecond(0)).toEqual([0, 1, 2, 3]);
  expect(inSecond(1)).toEqual(Array.from({ length: 100 }, (_, i) => i % 5));
  expect(inSecond(2)).toEqual(Array.from({ length: 64 }, (_, i) => i));
});

test("connections that grow evenly are taken up one after the other, and none is left out", () => {
  const [spec] = specsOf([{ ...step(1000, 1, 4), toConnections: 40 }, step(1000, 40)]);
  const firsts = new Map<number, number>();
  for (const { dueUs, position } of startsOf(spec!)) if (!firsts.has(position)) firsts.set(position, dueUs);
  expect(firsts.size).toBe(40);
  for (const [position, dueUs] of firsts) {
    // 1 → 40 in 4 s: position p takes part from about p/39 of it, and has its turn within a cycle.
    const from = ((position - 0.5) / 39) * 4e6;
    expect(dueUs).toBeGreaterThanOrEqual(Math.min(from, 4e6) - 1);
    expect(dueUs).toBeLessThan(Math.max(0, from) + 2 * 40_000);
  }
});

test("Poisson arrivals follow the rate as it changes", () => {
  // 0 → 20 000 in 2 s, then 5000 a second: 5000, 15 000, 5000 in each second, give or take four standard deviations.
  const [spec] = specsOf([{ ...step(0, 4, 2), toQps: 20_000 }, step(5000, 4)], { arrivals: "poisson" });
  const counts = [0, 0, 0];
  for (const { dueUs } of startsOf(spec!)) counts[Math.floor(dueUs / 1e6)]!++;
  [5000, 15_000, 5000].forEach((mean, second) =>
    expect(Math.abs(counts[second]! - mean)).toBeLessThan(4 * Math.sqrt(mean)),
  );
});

test("a last stage that nothing ends goes on at its rate", () => {
  const [spec] = specsOf([step(10, 2), step(50, 2)], { durationUs: 0 });
  const schedule = createSchedule(spec!);
  for (let i = 0; i < 10 + 50 * 100; i++) schedule.advance();
  expect(schedule.dueUs).toBeCloseTo(101e6, 0);
  expect(rateCurveOf(spec!).total).toBe(Infinity);
});
