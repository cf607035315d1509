import fc from "fast-check";
import { expect, test } from "vitest";
import type { StagePlan } from "../../src/plan/plan.ts";
import { RateCurve } from "../../src/plan/rate-curve.ts";
import { stagesOf } from "./example-stages.ts";

const create = (stages: readonly StagePlan[], durationUs = lengthUs(stages)): RateCurve =>
  new RateCurve({ qps: 1, connections: 1, stages, durationUs });

function lengthUs(stages: readonly StagePlan[]): number {
  return stages.reduce((sum, { durationUs }) => sum + durationUs, 0);
}

/** The rate at a time, by its definition. */
function rateAt(stages: readonly StagePlan[], us: number): number {
  let startUs = 0;
  for (const { durationUs, fromQps, toQps } of stages) {
    if (us < startUs + durationUs) return fromQps + ((toQps - fromQps) * (us - startUs)) / durationUs;
    startUs += durationUs;
  }
  return 0;
}

/** Requests due before a time: the trapezoid rule, exact for rates that change evenly, over steps that end with stages. */
function integral(stages: readonly StagePlan[], us: number): number {
  const step = 1e3;
  let sum = 0;
  for (let at = 0; at < us; at += step) {
    const end = Math.min(us, at + step);
    sum += ((rateAt(stages, at) + rateAt(stages, end - 1e-6)) / 2) * ((end - at) / 1e6);
  }
  return sum;
}

test("a rate that does not change makes an even grid, before the load as well", () => {
  const curve = new RateCurve({ qps: 100, connections: 4, stages: [], durationUs: 1e6 });
  expect([-2, 0, 1, 2.5, 99].map((n) => curve.timeOf(n))).toEqual([-20_000, 0, 10_000, 25_000, 990_000]);
  expect(curve.timeOf(100)).toBe(Infinity);
  expect(Math.round(curve.total)).toBe(100);
});

test("a linear ramp from nothing starts request n at √(2n/growth)", () => {
  // 0 → 100 in 10 s: n = 5·t².
  const curve = create([{ durationUs: 10e6, fromQps: 0, toQps: 100, fromConnections: 1, toConnections: 1 }]);
  for (const n of [0, 1, 20, 125, 499]) expect(curve.timeOf(n) / 1e6).toBeCloseTo(Math.sqrt(n / 5), 9);
  expect(curve.timeOf(500)).toBe(Infinity);
});

test("a ramp down to nothing ends with its last request, at its end", () => {
  const curve = create([{ durationUs: 10e6, fromQps: 100, toQps: 0, fromConnections: 1, toConnections: 1 }]);
  expect(curve.timeOf(499) / 1e6).toBeCloseTo(10 - Math.sqrt(1 / 5), 6);
  expect(curve.timeOf(500)).toBe(Infinity);
});

test("the time of a request is when the integral of the rate reaches its number", () => {
  fc.assert(
    fc.property(
      stagesOf({ mostQps: 500, mostSeconds: 3 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (stages, part) => {
        const curve = create(stages);
        const total = integral(stages, lengthUs(stages));
        expect(curve.total).toBeCloseTo(total, 2);
        const n = part * (curve.total - 0.01);
        fc.pre(n > 0);
        expect(integral(stages, curve.timeOf(n))).toBeCloseTo(n, 2);
      },
    ),
    { numRuns: 60 },
  );
});

test("times ascend with numbers, whichever was asked before", () => {
  const numbers = fc.array(fc.double({ min: -10, max: 1000, noNaN: true }), { maxLength: 20 });
  fc.assert(
    fc.property(stagesOf({ mostQps: 500, mostSeconds: 3 }), numbers, (stages, asked) => {
      const curve = create(stages);
      const times = new Map(asked.map((n) => [n, curve.timeOf(n)]));
      const sorted = [...times].sort(([a], [b]) => a - b).map(([, us]) => us);
      expect(sorted).toEqual(sorted.toSorted((a, b) => a - b));
    }),
  );
});

test("connections go from a stage's beginning to its end, and the last is held where nothing ends it", () => {
  const curve = create(
    [
      { durationUs: 4e6, fromQps: 10, toQps: 10, fromConnections: 2, toConnections: 10 },
      { durationUs: 1e6, fromQps: 10, toQps: 20, fromConnections: 4, toConnections: 4 },
    ],
    Infinity,
  );
  const at = (seconds: number): number => curve.connectionsAt(seconds * 1e6);
  expect([-1, 0, 1, 2, 3.9, 4, 99].map(at)).toEqual([2, 2, 4, 6, 10, 4, 4]);
  // 40 + 15 requests in five seconds, and from there 20 a second.
  expect(curve.timeOf(55 + 200)).toBeCloseTo(15e6, 3);
  expect(curve.total).toBe(Infinity);
  expect(curve.nextJump(0)).toBe(40);
  expect(curve.nextJump(40)).toBe(Infinity);
});
