import fc from "fast-check";
import { expect, test } from "vitest";
import { Histogram } from "../src/histogram.ts";

const durations = fc.array(fc.double({ min: 0.001, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 50 });

test("the maximum is the largest duration to the nanosecond, however often histograms are added", () => {
  fc.assert(
    fc.property(durations, durations, (some, others) => {
      let sum = new Histogram();
      for (const part of [some, others]) {
        const histogram = new Histogram();
        for (const us of part) histogram.record(us);
        const added = new Histogram();
        added.add(sum);
        added.add(histogram);
        sum = added;
      }
      expect(sum.maxUs).toBe(Math.round(Math.max(...some, ...others) * 1e3) / 1e3);
      expect(sum.count).toBe(some.length + others.length);
    }),
  );
});

test("what was encoded is decoded with its largest value to a bucket", () => {
  const histogram = new Histogram();
  histogram.record(13_870.388);
  const { maxUs } = Histogram.decode(histogram.encode());
  expect(Math.abs(maxUs - 13_870.388)).toBeLessThanOrEqual(13_870.388 / 1000);
});
