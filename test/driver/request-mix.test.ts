import fc from "fast-check";
import { expect, test } from "vitest";
import { RequestMix } from "../../src/driver/request-mix.ts";
import { quantileOfBuckets } from "../../src/result/coarse-samples.ts";

const mixOf = (weights: readonly number[], seed = 1, thread = 0): RequestMix =>
  new RequestMix({ weights, places: 1, seed, thread });

const draws = (mix: RequestMix, count: number, isWarmup = false): number[] =>
  Array.from({ length: count }, () => {
    mix.draw(0, isWarmup);
    return mix.kind[0]!;
  });

test("draws each kind exactly by its weight, over every cycle", () => {
  const weights = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(weights, fc.integer({ min: 0, max: 2 ** 32 - 1 }), (weights, seed) => {
      const mix = mixOf(weights, seed);
      draws(mix, 7, true);
      const cycle = weights.reduce((sum, weight) => sum + weight);
      for (let round = 0; round < 3; round++) {
        const counts = weights.map(() => 0);
        for (const kind of draws(mix, cycle)) counts[kind]!++;
        expect(counts).toEqual(weights);
      }
    }),
  );
});

test("weights with a common divisor make a shorter cycle", () => {
  const kinds = draws(mixOf([600, 300, 100]), 10).sort();
  expect(kinds).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 2]);
});

const cycles = (mix: RequestMix): string[] => Array.from({ length: 3 }, () => draws(mix, 20).join(""));

test("the order is the seed's and the thread's, and another in every cycle", () => {
  const weights = [10, 6, 4];
  const all = [mixOf(weights), mixOf(weights, 2), mixOf(weights, 1, 1)].flatMap(cycles);
  expect(new Set(all).size).toBe(9);
  expect(cycles(mixOf(weights))).toEqual(all.slice(0, 3));
});

test("no kind is tied to its place in the cycle", () => {
  const mix = mixOf([1, 1, 1, 1]);
  const first = [0, 0, 0, 0];
  for (let cycle = 0; cycle < 4000; cycle++) first[draws(mix, 4)[0]!]!++;
  // 1000 each, standard deviation 27: 6 of them.
  for (const often of first) expect(Math.abs(often - 1000)).toBeLessThan(165);
});

test("tells how many of each kind there were, how many failed, and how long they took", () => {
  const mix = mixOf([1, 1]);
  const latencies: number[][] = [[], []];
  for (let i = 1; i <= 1000; i++) {
    mix.draw(0, false);
    const kind = mix.kind[0]!;
    const latencyUs = i * (kind === 0 ? 1 : 100);
    latencies[kind]!.push(latencyUs);
    mix.record(0, latencyUs, kind === 1 && i % 2 === 0);
  }
  mix.tallies.forEach(({ count, failures, latency }, kind) => {
    const sorted = latencies[kind]!.toSorted((a, b) => a - b);
    expect(count).toBe(500);
    expect(failures).toBe(kind === 0 ? 0 : sorted.filter((us) => us % 200 === 0).length);
    for (const quantile of [0.5, 0.99]) {
      const exact = sorted[Math.ceil(quantile * 500) - 1]!;
      const said = quantileOfBuckets(latency, quantile);
      expect(said).toBeGreaterThanOrEqual(exact);
      expect(said).toBeLessThanOrEqual(exact * (1 + 1 / 64));
    }
  });
});
