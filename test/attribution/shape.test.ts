import { assert, double, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { logGrowth, response } from "../../src/attribution/shape.ts";

const share = double({ min: 0.01, max: 0.6, noNaN: true });
const loads = double({ min: 0, max: 1.55, noNaN: true });

describe("the queueing shape", () => {
  test("is M/M/1's at slope 1: sojourn 1/(1 − ρx), here ten times as long at 0.95 as at 0.5", () => {
    expect(Math.exp(logGrowth({ x: 1.9, busyShare: 0.5 }, { shape: "queueing", slope: 1 }))).toBeCloseTo(
      10,
      9,
    );
  });

  test("lies between its power and its sum at slope ½", () => {
    // ρ = 0.4, x = 2: (1 − ρ)/(1 − ρx) = 3. Power: √3 = 1.732; sum: 0.8 + 0.2 · 2 · 3 = 2.
    const growth = Math.exp(logGrowth({ x: 2, busyShare: 0.4 }, { shape: "queueing", slope: 0.5 }));
    expect(growth).toBeCloseTo(Math.sqrt(Math.sqrt(3) * 2), 9);
  });

  test("is nothing at balance and without slope, and rises with both load and slope", () => {
    assert(
      property(share, loads, double({ min: -2, max: 3, noNaN: true }), (busyShare, x, slope) => {
        const at = (x: number, slope: number): number =>
          logGrowth({ x, busyShare }, { shape: "queueing", slope });
        expect(at(1, slope)).toBeCloseTo(0, 9);
        expect(at(x, 0)).toBeCloseTo(0, 9);
        const away = Math.sign(x - 1) * (at(x, slope + 0.01) - at(x, slope));
        expect(away).toBeGreaterThanOrEqual(-1e-9);
        if (slope > 0) expect(at(x + 0.05, slope)).toBeGreaterThanOrEqual(at(x, slope));
      }),
    );
  });

  test("does not jump where the sum gives way to the power alone", () => {
    for (const slope of [0, 1])
      for (const x of [0.1, 0.7, 1.4, 2]) {
        const at = (slope: number): number => logGrowth({ x, busyShare: 0.4 }, { shape: "queueing", slope });
        expect(at(slope + 1e-7)).toBeCloseTo(at(slope - 1e-7), 5);
      }
  });
});

test("the log-linear shape is the load beyond balance times the slope", () => {
  expect(response({ x: 1.5, busyShare: 0.4 }, "log-linear")).toBe(0.5);
  expect(logGrowth({ x: 1.5, busyShare: 0.4 }, { shape: "log-linear", slope: 0.5 })).toBe(0.25);
});
