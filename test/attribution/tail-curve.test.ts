import { array, assert, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { beyondLog, countBeyond, pooledLogQuantile, tailCurve } from "../../src/attribution/tail-curve.ts";
import { Histogram } from "../../src/histogram.ts";
import { seededRandom } from "../../src/random.ts";
import { toDistribution } from "../../src/result/distribution.ts";
import type { Distribution } from "../../src/result/result.ts";
import { exponentialGrid } from "./crafted-run.ts";

function distributionOf(values: readonly number[]): Distribution {
  const histogram = new Histogram();
  for (const us of values) histogram.record(us);
  return toDistribution(histogram, []);
}

const latencies = array(integer({ min: 10, max: 1_000_000 }), { minLength: 1, maxLength: 200 });

describe("a tail curve", () => {
  test("counts what lies beyond, as sorting would, but for the histogram's 0.1 %", () => {
    assert(
      property(latencies, integer({ min: 10, max: 1_000_000 }), (values, us) => {
        const beyond = countBeyond(tailCurve(distributionOf(values)), us);
        expect(beyond).toBeGreaterThanOrEqual(values.filter((value) => value > us * 1.002).length);
        expect(beyond).toBeLessThanOrEqual(values.filter((value) => value > us / 1.002).length);
      }),
    );
  });

  test("falls with latency, from all to none", () => {
    assert(
      property(latencies, (values) => {
        const curve = tailCurve(distributionOf(values));
        const counts = Array.from({ length: 60 }, (_, i) => beyondLog(curve, i / 4));
        expect(counts[0]).toBe(values.length);
        expect(counts.at(-1)).toBe(0);
        expect(counts).toEqual(counts.toSorted((a, b) => b - a));
      }),
    );
  });

  test.each([1, 3, 10])(
    "loses no part of a sparse tail: of 100 requests %d lie beyond in the mean",
    (expected) => {
      const random = seededRandom(1, "tail curve");
      const sets = 2000;
      let beyond = 0;
      for (let set = 0; set < sets; set++) {
        const values = Array.from({ length: 100 }, () => -1000 * Math.log(1 - random()));
        beyond += beyondLog(tailCurve(distributionOf(values)), Math.log(1000 * Math.log(100 / expected)));
      }
      expect(Math.abs(beyond / sets - expected)).toBeLessThan(0.25);
    },
  );

  test("pools the quantile of rescaled workers: the same as rescaling every latency and sorting", () => {
    for (const [means, shift] of [
      [[300, 900], 0.8],
      [[300, 900], -0.4],
      [[5000, 400], 0],
    ] as const) {
      const [one, other] = [exponentialGrid(9000, means[0]), exponentialGrid(1500, means[1])];
      const sorted = [...one, ...other.map((us) => us / Math.exp(shift))].toSorted((a, b) => b - a);
      const log = pooledLogQuantile(
        [
          { curve: tailCurve(distributionOf(one)), shift: 0 },
          { curve: tailCurve(distributionOf(other)), shift },
        ],
        105,
      );
      expect(Math.exp(log) / sorted[105]!).toBeCloseTo(1, 2);
    }
  });
});
