import { describe, expect, test } from "vitest";
import { tailRiskOf } from "../../src/attribution/tail-risk.ts";
import { seededRandom } from "../../src/random.ts";
import type { Run } from "../../src/result/result.ts";
import { craftedRun } from "./crafted-run.ts";

const fast = (count: number): number[] => Array.from({ length: count }, (_, i) => 500 + (i % 97));
const slow = (count: number): number[] => Array.from({ length: count }, (_, i) => 20_000 + i);

const riskOf = (run: Run): ReturnType<typeof tailRiskOf> =>
  tailRiskOf(run, { tailUs: run.tail.thresholdUs, random: seededRandom(1, "test") });

/** 8000 and 2000 requests; 90 and 10 of them slow, spread over connections and seconds. */
const spreadOut = craftedRun(
  [
    { connections: 80, latenciesUs: mix(8000, 90, 89) },
    { connections: 20, latenciesUs: mix(2000, 10, 199) },
  ],
  { order: 0, mode: "default" },
);

/** `slowOnes` slow requests, `every` so many: a step that has no divisor with the connections spreads them. */
function mix(count: number, slowOnes: number, every: number): number[] {
  return fast(count).map((us, i) => (i % every === 0 && i / every < slowOnes ? 20_000 + i : us));
}

describe("the tail's risk", () => {
  test("is shares, lifts and a ratio by definition", () => {
    const { perWorker, hotColdRisk } = riskOf(spreadOut);
    expect(perWorker).toEqual([
      { worker: 0, requestShare: 0.8, tailShare: 0.9, lift: 0.9 / 0.8 },
      { worker: 1, requestShare: 0.2, tailShare: 0.1, lift: 0.5 },
    ]);
    // Half a slow request more and one request more on both sides.
    expect(hotColdRisk!.ratio).toBeCloseTo(90.5 / 8001 / (10.5 / 2001), 9);
    const [low, high] = hotColdRisk!.interval!;
    expect(low).toBeLessThan(hotColdRisk!.ratio);
    expect(high).toBeGreaterThan(hotColdRisk!.ratio);
  });

  test("weighs lifts with shares to one", () => {
    const { perWorker } = riskOf(spreadOut);
    expect(perWorker.reduce((sum, { requestShare, lift }) => sum + requestShare * lift, 0)).toBeCloseTo(
      1,
      12,
    );
  });

  test("counts a tail on one connection as little evidence, a spread one as much", () => {
    const onOne = craftedRun(
      [
        { connections: 1, latenciesUs: [...fast(0), ...slow(100)] },
        { connections: 79, latenciesUs: fast(7900) },
        { connections: 20, latenciesUs: fast(2000) },
      ],
      { order: 0, mode: "default" },
    );
    // The slow connection and 79 fast ones share worker 0.
    const clumped: Run = {
      ...onOne,
      connections: onOne.connections.map((one) => Object.assign({}, one, { worker: one.id < 80 ? 0 : 1 })),
    };
    expect(riskOf(clumped).independentTailSamples).toBeLessThanOrEqual(5);
    expect(riskOf(spreadOut).independentTailSamples).toBeGreaterThan(60);
  });

  test("is as sure of the ratio as Poisson counts allow where they are spread, and much less where they clump", () => {
    const width = (run: Run): number => {
      const [low, high] = riskOf(run).hotColdRisk!.interval!;
      return Math.log(high / low);
    };
    // Two independent counts: the log ratio has variance 1/90 + 1/10, and 90 % of it lie within ± 1.645 σ.
    const poisson = 2 * 1.645 * Math.sqrt(1 / 90 + 1 / 10);
    expect(width(spreadOut)).toBeGreaterThan(0.7 * poisson);
    expect(width(spreadOut)).toBeLessThan(2 * poisson);
    // The same counts, but the cold worker's ten all on one of its twenty connections.
    const clumped = craftedRun(
      [
        { connections: 80, latenciesUs: mix(8000, 90, 89) },
        { connections: 20, latenciesUs: mix(2000, 10, 200) },
      ],
      { order: 0, mode: "default" },
    );
    expect(riskOf(clumped).hotColdRisk!.ratio).toBeCloseTo(riskOf(spreadOut).hotColdRisk!.ratio, 6);
    expect(width(clumped)).toBeGreaterThan(2.5 * poisson);
  });

  test("counts a tail within one second as little evidence", () => {
    const burst = craftedRun(
      [80, 20].map((connections) => ({
        connections,
        latenciesUs: fast(100 * connections).map((us, i) =>
          i >= 10 && i < 10 + connections ? 20_000 + i : us,
        ),
      })),
      { order: 0, mode: "default" },
    );
    expect(burst.tail.blocks.every(({ second }) => second === 0)).toBe(true);
    expect(riskOf(burst).independentTailSamples).toBeLessThanOrEqual(5);
  });

  test("has no ratio with one worker, and none beyond chance where all was one second", () => {
    const one = craftedRun([{ connections: 4, latenciesUs: mix(1000, 10, 99) }], {
      order: 0,
      mode: "default",
    });
    expect(riskOf(one).hotColdRisk).toBeNull();
    const short = craftedRun(
      [80, 20].map((connections) => ({ connections, latenciesUs: mix(1000, 10, 99) })),
      {
        order: 0,
        mode: "default",
        durationS: 1,
      },
    );
    expect(riskOf(short).hotColdRisk!.interval).toBeNull();
  });
});
