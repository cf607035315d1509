import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rejects } from "../../src/compare/null-distribution.ts";
import { pairedShift, unpairedShift } from "../../src/compare/shift.ts";
import type { Bracket } from "../../src/compare/shift.ts";

const exact = (...values: number[]): Bracket[] => values.map((shown) => ({ shown, most: shown }));
const censored = (shown: number): Bracket => ({ shown, most: Infinity });

describe("textbook data", () => {
  // Hollander and Wolfe, table 3.1 (Hamilton's depression scale before and after), as R's ?wilcox.test has it:
  // wilcox.test(x, y, paired = TRUE, alternative = "greater") gives V = 40, p-value = 0.01953.
  test("paired", () => {
    const before = exact(1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3);
    const after = exact(0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29);
    const shift = pairedShift(after, before);
    expect(shift.pAbove(0)).toBe(0.01953125);
    expect(shift.leastP).toBe(1 / 2 ** 9);
    // Their estimate, p. 60: 0.46; and their 96.1 % interval: (0.010, 0.786).
    expect(shift.estimate).toBeCloseTo(0.46, 3);
    expect(shift.lower(0.0195 + 1e-4)).toBeCloseTo(0.01, 3);
    expect(shift.upper(0.0195 + 1e-4)).toBeCloseTo(0.786, 3);
  });

  // Table 4.1 (permeability of chorioamnion): wilcox.test(x, y, alternative = "g") gives W = 35, p-value = 0.1272.
  test("unpaired", () => {
    const term = exact(0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46);
    const early = exact(1.15, 0.88, 0.9, 0.74, 1.21);
    const shift = unpairedShift(early, term);
    expect(shift.pAbove(0)).toBeCloseTo(0.1272061272061272, 12);
    expect(shift.estimate).toBeCloseTo(0.305, 9);
    expect(shift.leastP).toBeCloseTo(1 / 3003, 12);
  });
});

const values = (length: number): fc.Arbitrary<number[]> =>
  fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: length, maxLength: length });

test("paired p-values are those of all signs tried on the differences", () => {
  const whole = fc.integer({ min: -60, max: 60 });
  fc.assert(
    fc.property(fc.array(whole, { minLength: 7, maxLength: 7 }), whole, (differences, tolerance) => {
      const off = differences.map((one) => one - tolerance);
      const sizes = off.map(Math.abs).toSorted((a, b) => a - b);
      fc.pre(new Set(sizes).size === 7 && !sizes.includes(0));
      const rankOf = (one: number): number => sizes.indexOf(Math.abs(one)) + 1;
      const statistic = (signed: readonly number[]): number =>
        signed.reduce((sum, one) => sum + (one > 0 ? rankOf(one) : 0), 0);
      let hits = 0;
      for (let signs = 0; signs < 128; signs++)
        if (statistic(off.map((one, i) => ((signs >> i) & 1 ? -one : one))) >= statistic(off)) hits++;
      const shift = pairedShift(exact(...differences.map(() => 0)), exact(...differences));
      expect(shift.pAbove(tolerance)).toBe(hits / 128);
    }),
  );
});

test.each([
  ["paired", pairedShift],
  ["unpaired", unpairedShift],
] as const)("%s: a bound lies beyond a tolerance exactly where p is at most α", (_name, shiftOf) => {
  fc.assert(
    fc.property(
      values(8),
      values(8),
      fc.double({ min: -4, max: 4, noNaN: true }),
      fc.constantFrom(0.01, 0.05, 0.1),
      (baseline, candidate, tolerance, alpha) => {
        const shift = shiftOf(exact(...baseline), exact(...candidate));
        expect(shift.lower(alpha) > tolerance).toBe(rejects(shift.pAbove(tolerance), alpha));
        expect(shift.lower(alpha)).toBeLessThanOrEqual(shift.estimate);
        expect(shift.upper(alpha)).toBeGreaterThanOrEqual(shift.estimate);
      },
    ),
  );
});

test.each([
  ["paired", pairedShift],
  ["unpaired", unpairedShift],
] as const)("%s: seen from the other side, everything changes its sign", (_name, shiftOf) => {
  fc.assert(
    fc.property(values(6), values(6), (baseline, candidate) => {
      const [there, back] = [
        shiftOf(exact(...baseline), exact(...candidate)),
        shiftOf(exact(...candidate), exact(...baseline)),
      ];
      expect(back.estimate).toBeCloseTo(-there.estimate, 9);
      expect(back.lower(0.05)).toBeCloseTo(-there.upper(0.05), 9);
    }),
  );
});

describe("equal values", () => {
  test("say nothing", () => {
    const shift = pairedShift(exact(1, 1, 1, 1, 1, 1), exact(1, 1, 1, 1, 1, 1));
    expect([shift.estimate, shift.pAbove(0), shift.lower(0.05), shift.upper(0.05)]).toEqual([0, 1, 0, 0]);
  });
});

describe("few runs", () => {
  test("do not bound the shift", () => {
    const shift = pairedShift(exact(1, 2, 3), exact(2, 3, 4));
    expect([shift.leastP, shift.lower(0.05), shift.upper(0.05)]).toEqual([0.125, -Infinity, Infinity]);
    expect(shift.estimate).toBe(1);
  });
});

describe("censored values", () => {
  const baseline = exact(1, 1.1, 1.2, 1.3, 1.4);

  test("on the candidate's side leave the shift open upwards, and what is worse stays worse", () => {
    const candidate = [...exact(2.1, 2.2, 2.3, 2.4), censored(2.5)];
    const shift = pairedShift(baseline, candidate);
    expect(shift.lower(0.05)).toBeCloseTo(1.1, 9);
    expect(shift.upper(0.05)).toBe(Infinity);
  });

  test("on the baseline's side leave it open downwards: nothing can be called worse", () => {
    const shift = pairedShift([...exact(1, 1.1, 1.2, 1.3), censored(1.4)], exact(2.1, 2.2, 2.3, 2.4, 2.5));
    expect(shift.lower(0.05)).toBe(-Infinity);
    expect(shift.upper(0.05)).toBeCloseTo(1.1, 9);
    expect(shift.pAbove(0)).toBeGreaterThan(0.05);
  });

  test("on both sides leave it open both ways", () => {
    const all = [1, 2, 3, 4, 5].map(censored);
    const shift = unpairedShift(all, all);
    expect([shift.lower(0.05), shift.upper(0.05)]).toEqual([-Infinity, Infinity]);
  });
});
