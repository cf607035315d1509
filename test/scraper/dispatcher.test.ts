import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { delayBetween, dispatcherFilter } from "../../src/scraper/dispatcher.ts";
import { countAll, parseHistograms } from "../../src/scraper/histograms.ts";
import type { Histograms } from "../../src/scraper/histograms.ts";
import { recordedJson } from "./recorded.ts";

const before = parseHistograms(recordedJson("dispatcher-before.json"));
const after = parseHistograms(recordedJson("dispatcher-after.json"));

/** `/stats` in Envoy's form with the same bins for both histograms of worker 0. */
function statsOf(bins: readonly (readonly [lower: number, width: number, count: number])[]): Histograms {
  const totals = bins.map(([lower_bound, width, count]) => ({ lower_bound, width, count }));
  const details = ["poll_delay_us", "loop_duration_us"].map((stat) => ({
    name: `listener_manager.worker_0.dispatcher.${stat}`,
    totals,
  }));
  return parseHistograms({ stats: [{ histograms: { details } }] });
}

describe("delayBetween", () => {
  it("gives the quantiles of what Envoy flushed between two recorded readings", () => {
    // From the 230 turns and 100 delays between the recordings, each laid out evenly in its bin and sorted: the
    // median turn ends bin 33 at a half, the 99th per cent lies 0.7 into the only value of bin 740…750.
    expect(delayBetween(before, after, 0)).toEqual({
      loopDurationP50Us: 33.5,
      loopDurationP99Us: expect.closeTo(747, 6),
      pollDelayP50Us: 122.5,
      pollDelayP99Us: 18_000,
    });
    // 230 turns and 100 delays.
    expect(countAll(after) - countAll(before)).toBe(330);
  });

  it("is near to what Envoy itself says of that flush", () => {
    const said = recordedJson("dispatcher-quantiles.json") as {
      stats: [{ histograms: { computed_quantiles: { values: { interval: number }[] }[] } }];
    };
    const [loop, poll] = said.stats[0].histograms.computed_quantiles;
    const found = delayBetween(before, after, 0)!;
    // Positions of 50 % and 99 % among Envoy's quantiles; its interpolation within a bin is another.
    expect(found.loopDurationP50Us).toBeCloseTo(loop!.values[2]!.interval, 0);
    expect(found.loopDurationP99Us / loop!.values[6]!.interval).toBeCloseTo(1, 1);
    expect(found.pollDelayP50Us).toBeCloseTo(poll!.values[2]!.interval, -1);
    expect(found.pollDelayP99Us / poll!.values[6]!.interval).toBeCloseTo(1, 1);
  });

  it("forgets what happened before, however much it was", () => {
    const idle = statsOf([[1, 0.1, 1_000_000]]);
    const busy = statsOf([
      [1, 0.1, 1_000_000],
      [200, 10, 10],
    ]);
    expect(delayBetween(idle, busy, 0)?.loopDurationP50Us).toBe(205);
  });

  it("is null without a flush between, without the worker, and where counts went backwards", () => {
    expect(delayBetween(before, before, 0)).toBeNull();
    expect(delayBetween(before, after, 1)).toBeNull();
    expect(delayBetween(after, before, 0)).toBeNull();
    // More in one bin, but another is gone: a restarted Envoy.
    expect(delayBetween(statsOf([[5, 0.1, 2]]), statsOf([[6, 0.1, 9]]), 0)).toBeNull();
  });

  it("gives a median within the bin that holds the middle of the sorted values", () => {
    const values = fc.array(fc.integer({ min: 10, max: 99 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(values, (numbers) => {
        const counts = new Map<number, number>();
        for (const value of numbers) counts.set(value, (counts.get(value) ?? 0) + 1);
        const found = delayBetween(
          statsOf([]),
          statsOf([...counts].map(([value, count]) => [value, 1, count] as const)),
          0,
        );
        const sorted = numbers.toSorted((a, b) => a - b);
        const middle = sorted[Math.ceil(numbers.length / 2) - 1]!;
        expect(found!.pollDelayP50Us).toBeGreaterThan(middle);
        expect(found!.pollDelayP50Us).toBeLessThanOrEqual(middle + 1);
      }),
    );
  });
});

describe("parseHistograms", () => {
  it("is empty where Envoy has no such histograms, or wrote quantiles instead of bins", () => {
    expect(parseHistograms({ stats: [] }).size).toBe(0);
    expect(parseHistograms(null).size).toBe(0);
    expect(parseHistograms(recordedJson("dispatcher-quantiles.json")).size).toBe(0);
  });
});

it("the filter asks for the workers' histograms and not the main thread's", () => {
  const filter = new RegExp(dispatcherFilter);
  expect(filter.test("listener_manager.worker_3.dispatcher.poll_delay_us")).toBe(true);
  expect(filter.test("server.dispatcher.poll_delay_us")).toBe(false);
});
