import { assert, constantFrom, double, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { logGrowth, orders, response } from "../../src/attribution/shape.ts";

const share = double({ min: 0.01, max: 0.6, noNaN: true });
const loads = double({ min: 0, max: 1.55, noNaN: true });

describe("the queueing shape", () => {
  test("is M/M/1's at slope 1: sojourn 1/(1 − ρx), here ten times as long at 0.95 as at 0.5", () => {
    for (const order of orders)
      expect(
        Math.exp(logGrowth({ x: 1.9, busyShare: 0.5 }, { shape: "queueing", order, slope: 1 })),
      ).toBeCloseTo(10, 9);
  });

  test.each([
    // ρ = 0.4, x = 2: the queue is (1 − ρ)/(1 − ρx) = 3 times as long, and half of the balanced tail queues.
    [-2, ((1 + 3 ** -2) / 2) ** (-1 / 2)],
    [0, Math.sqrt(3)],
    [1, (1 + 3) / 2],
    [3, ((1 + 3 ** 3) / 2) ** (1 / 3)],
  ])("is at slope ½ the mean of order %d of what queues and what does not", (order, growth) => {
    const log = logGrowth({ x: 2, busyShare: 0.4 }, { shape: "queueing", order, slope: 0.5 });
    expect(Math.exp(log)).toBeCloseTo(growth, 9);
  });

  test("has the same slope at balance whatever its order: b · ρ/(1 − ρ)", () => {
    for (const order of orders)
      expect(
        logGrowth({ x: 1 + 1e-6, busyShare: 0.4 }, { shape: "queueing", order, slope: 0.3 }) * 1e6,
      ).toBeCloseTo(0.2, 4);
  });

  test("is nothing at balance and without slope, and rises with both load and slope", () => {
    assert(
      property(
        share,
        loads,
        double({ min: -2, max: 3, noNaN: true }),
        constantFrom(...orders),
        (busyShare, x, slope, order) => {
          const at = (x: number, slope: number): number =>
            logGrowth({ x, busyShare }, { shape: "queueing", order, slope });
          expect(at(1, slope)).toBeCloseTo(0, 9);
          expect(at(x, 0)).toBeCloseTo(0, 9);
          const away = Math.sign(x - 1) * (at(x, slope + 0.01) - at(x, slope));
          expect(away).toBeGreaterThanOrEqual(-1e-9);
          if (slope > 0) expect(at(x + 0.05, slope)).toBeGreaterThanOrEqual(at(x, slope));
        },
      ),
    );
  });

  test("does not jump where the other means give way to the power", () => {
    for (const order of orders)
      for (const slope of [0, 1])
        for (const x of [0.1, 0.7, 1.4, 2]) {
          const at = (slope: number): number =>
            logGrowth({ x, busyShare: 0.4 }, { shape: "queueing", order, slope });
          expect(at(slope + 1e-7)).toBeCloseTo(at(slope - 1e-7), 4);
        }
  });
});

test("the log-linear shape is the load beyond balance times the slope", () => {
  expect(response({ x: 1.5, busyShare: 0.4 }, "log-linear")).toBe(0.5);
  expect(logGrowth({ x: 1.5, busyShare: 0.4 }, { shape: "log-linear", order: 0, slope: 0.5 })).toBe(0.25);
});
