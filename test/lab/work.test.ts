import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asksForWork, calibrationQps, sizeWork } from "../../src/lab/work.ts";

describe("sizeWork", () => {
  test("burns what was asked for, in whole turns", () => {
    expect(sizeWork({ workUs: 250, qps: 3000 }, { baseUs: 60, turnUs: 0.004 })).toEqual({
      perRequestUs: 250,
      baseUs: 60,
      iterations: 62_500,
    });
  });

  test("fills 82 % of one core at the asked rate where it may choose", () => {
    // 1 s / 2000 × 0.82 = 410 µs a request, of which the request itself takes 60.
    const work = sizeWork({ workUs: "auto", qps: 2000 }, { baseUs: 60, turnUs: 0.005 });
    expect(work.iterations).toBe(70_000);
    expect(work.perRequestUs).toBeCloseTo(350, 9);
  });

  test("burns nothing where the requests alone take more than that", () => {
    expect(sizeWork({ workUs: "auto", qps: 20_000 }, { baseUs: 60, turnUs: 0.005 })).toEqual({
      perRequestUs: 0,
      baseUs: 60,
      iterations: 0,
    });
  });

  test("brings one worker between 75 and 90 % whenever it burns more than a turn or two, and is never negative", () => {
    const cost = fc.record({
      baseUs: fc.double({ min: 1, max: 500, noNaN: true }),
      turnUs: fc.double({ min: 0.0005, max: 0.05, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), cost, (qps, { baseUs, turnUs }) => {
        const { perRequestUs, iterations } = sizeWork({ workUs: "auto", qps }, { baseUs, turnUs });
        expect(perRequestUs).toBeGreaterThanOrEqual(0);
        expect(perRequestUs).toBeCloseTo(iterations * turnUs, 9);
        const busy = (qps * (baseUs + perRequestUs)) / 1e6;
        if (perRequestUs === 0) expect(busy).toBeGreaterThan(0.82 - (qps * turnUs) / 1e6);
        else {
          expect(busy).toBeGreaterThan(0.75);
          expect(busy).toBeLessThan(0.9);
        }
      }),
    );
  });
});

test.each([
  ["auto", 3000, true, "the rate says how much"],
  ["auto", 0, false, "as fast as it goes keeps a worker busy by itself"],
  [0, 3000, false, "none was asked for"],
  [100, 0, true, "so much was asked for"],
] as const)("work %s at %s qps asks for work: %s (%s)", (workUs, qps, asked, _why) => {
  expect(asksForWork({ workUs, qps })).toBe(asked);
});

describe("calibrationQps", () => {
  const work = { baseUs: 100, perRequestUs: 173.33, iterations: 40_000 };

  test("is the load's rate", () => {
    expect(calibrationQps(3000, work)).toBeCloseTo(3000, 0);
  });

  test("is no more than one worker can follow", () => {
    expect(calibrationQps(50_000, { baseUs: 100, perRequestUs: 0, iterations: 0 })).toBe(8200);
  });

  test("is not so low that the start would take seconds", () => {
    expect(calibrationQps(10, work)).toBe(1000);
  });
});
