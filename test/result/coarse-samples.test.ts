import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketCount, bucketOf, bucketTopUs } from "../../src/result/coarse-samples.ts";

/** Durations over all scales, from the shortest told apart to an hour. */
const duration = fc.double({ min: Math.log(0.0625), max: Math.log(3600e6), noNaN: true }).map(Math.exp);

test("a bucket's top is never below what lies in it, and at most 1/64 above", () => {
  fc.assert(
    fc.property(duration, (us) => {
      const topUs = bucketTopUs(bucketOf(us));
      // A duration becomes a 32-bit float first, as those of kept samples do.
      expect(topUs).toBeGreaterThan(Math.fround(us));
      expect(topUs / Math.fround(us)).toBeLessThanOrEqual(1 + 1 / 64);
    }),
  );
});

test("longer durations have later buckets, each bucket has a longer top than the one before", () => {
  fc.assert(
    fc.property(duration, duration, (a, b) => {
      expect(bucketOf(Math.min(a, b))).toBeLessThanOrEqual(bucketOf(Math.max(a, b)));
    }),
  );
  const tops = Array.from({ length: bucketCount }, (_, bucket) => bucketTopUs(bucket));
  expect(tops).toEqual([...new Set(tops)].sort((a, b) => a - b));
  expect(tops.map((topUs) => bucketOf(topUs * (1 - 1e-6)))).toEqual(tops.map((_, bucket) => bucket));
});

test("what is outside of the scale is in the first bucket or the last", () => {
  expect([-1, -0, 0, 0.05].map(bucketOf)).toEqual([0, 0, 0, 0]);
  expect(bucketTopUs(0)).toBe(0);
  expect([5000e6, 1e15, Infinity].map(bucketOf)).toEqual(Array(3).fill(bucketCount - 1));
});
