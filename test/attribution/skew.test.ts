import { array, assert, integer, nat, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { dispersionP, maximumP, skewOf } from "../../src/attribution/skew.ts";
import { seededRandom } from "../../src/random.ts";
import type { Random } from "../../src/random.ts";

/** Every way in which balls can fall, one by one: the oracle of chance. */
function outcomes(balls: number, bins: number): number[][] {
  if (balls === 0) return [Array.from({ length: bins }, () => 0)];
  return outcomes(balls - 1, bins).flatMap((counts) =>
    counts.map((_, bin) => counts.map((count, i) => count + (i === bin ? 1 : 0))),
  );
}

const squaresAboutTwo = (counts: readonly number[]): number =>
  counts.reduce((sum, count) => sum + (count - 2) ** 2, 0);

/** How many of so many balls fall into each of two bins. */
function throwBalls(balls: number, random: Random): number[] {
  const counts = [0, 0];
  for (let i = 0; i < balls; i++) counts[Math.floor(random() * 2)]!++;
  return counts;
}

describe("skewOf", () => {
  test("is null of nothing", () => {
    expect(skewOf([0, 0], { byChance: true })).toBeNull();
  });

  test("is what the textbook says for 106 and 22 connections", () => {
    const skew = skewOf([106, 22], { byChance: false })!;
    expect(skew.maxOverMean).toBeCloseTo(106 / 64, 12);
    expect(skew.cv).toBeCloseTo(42 / 64, 12);
    expect(skew.jain).toBeCloseTo(128 ** 2 / (2 * (106 ** 2 + 22 ** 2)), 12);
    expect(skew.p).toBeNull();
  });

  test("never passes 1 by rounding, for the schema refuses a share above 1", () => {
    assert(
      property(integer({ min: 1, max: 1e5 }), integer({ min: 2, max: 8 }), (percents, workers) => {
        const cpu = Array.from({ length: workers }, () => percents / 1000);
        expect(skewOf(cpu, { byChance: false })!.jain).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("takes more counts than a call takes arguments", () => {
    const counts = Array.from({ length: 200_000 }, (_, i) => (i === 0 ? 3 : 1));
    expect(skewOf(counts, { byChance: false })!.maxOverMean).toBeCloseTo(3, 4);
  });

  test("keeps Jain's index between 1/W and 1, and equal to 1/(1 + cv²)", () => {
    assert(
      property(array(nat(1000), { minLength: 1, maxLength: 16 }), (counts) => {
        const skew = skewOf([...counts, 1], { byChance: false })!;
        expect(skew.jain).toBeGreaterThanOrEqual(1 / (counts.length + 1) - 1e-12);
        expect(skew.jain).toBeCloseTo(1 / (1 + skew.cv ** 2), 9);
        expect(skew.maxOverMean).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});

describe("maximumP", () => {
  test("agrees with counting every outcome", () => {
    for (const [balls, bins] of [
      [2, 3],
      [6, 2],
      [6, 3],
      [5, 4],
    ] as const) {
      const all = outcomes(balls, bins);
      for (let max = 0; max <= balls; max++) {
        const expected = all.filter((counts) => Math.max(...counts) >= max).length / all.length;
        expect(maximumP({ balls, bins, max })).toBeCloseTo(expected, 12);
      }
    }
  });

  test("is a third for two connections on one of three workers", () => {
    expect(skewOf([2, 0, 0], { byChance: true })!.p).toBeCloseTo(1 / 3, 12);
  });

  test("is never above the union bound nor below one bin's own chance, far out and for many balls", () => {
    // P(Bin(128, ½) ≥ 106) by summing binomial coefficients.
    let coefficient = 1;
    let tail = 0;
    for (let k = 0; k <= 22; k++) {
      tail += coefficient;
      coefficient = (coefficient * (128 - k)) / (k + 1);
    }
    const p = maximumP({ balls: 128, bins: 2, max: 106 });
    expect(p / ((2 * tail) / 2 ** 128)).toBeCloseTo(1, 6);
    expect(maximumP({ balls: 15_000, bins: 4, max: 3760 })).toBeGreaterThan(0.5);
  });
});

describe("dispersionP", () => {
  test("agrees with counting every outcome of two runs together", () => {
    const all = outcomes(4, 2);
    const observed = [
      [4, 0],
      [3, 1],
    ];
    let atLeast = 0;
    for (const a of all)
      for (const b of all)
        if (
          squaresAboutTwo(a) + squaresAboutTwo(b) >=
          squaresAboutTwo(observed[0]!) + squaresAboutTwo(observed[1]!)
        )
          atLeast++;
    const p = dispersionP(observed, seededRandom(1, "test"))!;
    expect(Math.abs(p - atLeast / all.length ** 2)).toBeLessThan(0.03);
  });

  test("is small only where runs are more uneven than chance, and uniform under it", () => {
    const random = seededRandom(2, "test");
    const byChance = Array.from({ length: 40 }, () =>
      dispersionP([throwBalls(24, random), throwBalls(24, random)], random)!,
    );
    const small = byChance.filter((p) => p < 0.2).length;
    // Binomial(40, 0.2): 8 ± 4 standard errors.
    expect(Math.abs(small - 8)).toBeLessThan(11);
    expect(dispersionP([[106, 22]], random)).toBeLessThan(0.001);
  });

  test("uses the χ² of many balls: 10100 of 20000 is two standard errors of one side", () => {
    // X² = 2·100²/10000 = 2 on one degree of freedom: P = 0.1573.
    expect(dispersionP([[10_100, 9900]], seededRandom(1, "test"))).toBeCloseTo(0.1573, 2);
  });

  test("has nothing to say of one worker", () => {
    expect(dispersionP([[128]], seededRandom(1, "test"))).toBeNull();
  });
});
