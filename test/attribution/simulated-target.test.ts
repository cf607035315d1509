import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/random.ts";
import {
  balancedTailUs,
  drawRun,
  exactQuantile,
  exponential,
  placements,
  serve,
  withoutLag,
} from "./simulated-target.ts";
import type { Scenario } from "./simulated-target.ts";

const scenario: Scenario = {
  workers: 2,
  connections: 128,
  qps: 3000,
  durationS: 60,
  arrivals: "poisson",
  service: exponential(200),
};

const random = seededRandom(1, "test");

test("selects the very value that sorting would", () => {
  const durations = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(1, 2)), { minLength: 1 });
  fc.assert(
    fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
      const sorted = Float64Array.from(values).sort();
      const rank = Math.max(0, Math.ceil(q * values.length) - 1);
      expect(exactQuantile(Float64Array.from(values), q) === sorted[rank]).toBe(true);
    }),
  );
});

// The truth that the attribution is held against must itself be true.
describe("the simulated target", () => {
  test("is M/M/1 where arrivals and service are: mean sojourn 1/(μ − λ), p99 ln(100) times it", () => {
    const draws = drawRun(scenario, 1, "mm1");
    const served = serve(draws, placements.counts([128, 0], random));
    // A connection has one request in flight, but with 128 of them it is hardly ever its own that it waits for.
    const meanUs = 1e6 / (1e6 / 200 - 3000);
    const mean = served.latencyUs.reduce((sum, us) => sum + us, 0) / served.latencyUs.length;
    expect(Math.abs(mean / meanUs - 1)).toBeLessThan(0.05);
    expect(Math.abs(exactQuantile(served.latencyUs, 0.99) / (Math.log(100) * meanUs) - 1)).toBeLessThan(0.1);
    expect(served.busyUs[0]! / 60e6).toBeCloseTo(0.6, 1);
    expect(served.busyUs[1]).toBe(0);
  });

  test("lets nobody wait where evenly spaced arrivals are served in less than their gap", () => {
    const draws = drawRun({ ...scenario, arrivals: "fixed", service: () => 300 }, 1, "d/d/1");
    const { latencyUs } = serve(draws, placements.counts([128, 0], random));
    expect(Math.max(...latencyUs.slice(0, 1000))).toBeCloseTo(300, 3);
    expect(exactQuantile(latencyUs, 1)).toBeCloseTo(300, 3);
  });

  test("blocks a connection on its own last request: 4 s of work asked for in 2 s are done after 4", () => {
    const slow: Scenario = {
      workers: 1,
      connections: 1,
      qps: 10,
      durationS: 2,
      arrivals: "fixed",
      service: () => 200_000,
    };
    const { latencyUs, blockedUs } = serve(drawRun(slow, 1, "blocked"), [0]);
    // The k-th of 20 is due at 0.1 k s and done at 0.2 (k + 1) s.
    expect([...latencyUs]).toEqual(
      Array.from({ length: 20 }, (_, k) => expect.closeTo(200_000 * (k + 1) - 100_000 * k, 3)),
    );
    expect(blockedUs[19]).toBeCloseTo(19 * 100_000, 3);
  });

  test("adds lag to latency and to nothing else, and upstream time without CPU", () => {
    const lagging = {
      ...scenario,
      durationS: 2,
      lag: () => 50,
      upstream: () => 1000,
      service: () => 100,
      qps: 10,
    };
    const served = serve(drawRun(lagging, 1, "lag"), placements.balanced(lagging, random));
    expect(exactQuantile(served.latencyUs, 0.5)).toBeCloseTo(1150, 3);
    expect(exactQuantile(withoutLag(served), 0.5)).toBeCloseTo(1100, 3);
    expect(served.busyUs[0]! + served.busyUs[1]!).toBeCloseTo(100 * served.latencyUs.length, 3);
  });

  test("stops one worker in its stalls and not the other", () => {
    const stalling: Scenario = {
      ...scenario,
      durationS: 5,
      arrivals: "fixed",
      service: () => 10,
      stalls: { worker: 0, perS: 1, lasting: () => 30_000 },
    };
    const placement = placements.balanced(stalling, random);
    const { latencyUs, connection } = serve(drawRun(stalling, 3, "stall"), placement);
    const worst = [0, 1].map((worker) =>
      Math.max(...latencyUs.filter((_, row) => placement[connection[row]!] === worker)),
    );
    expect(worst[0]!).toBeGreaterThan(25_000);
    expect(worst[1]!).toBeCloseTo(10, 3);
  });

  test("has a balanced truth below the tail of a skewed placement and equal to that of a balanced one", () => {
    const draws = drawRun({ ...scenario, durationS: 5 }, 2, "truth");
    const truth = balancedTailUs(draws, { quantile: 0.99, assignments: 6, seed: 1 });
    const tail = (counts: readonly number[]): number =>
      exactQuantile(serve(draws, placements.counts(counts, random)).latencyUs, 0.99);
    expect(tail([110, 18]) / truth).toBeGreaterThan(1.3);
    expect(Math.abs(tail([64, 64]) / truth - 1)).toBeLessThan(0.15);
  });
});

test("gives the worker of a heavy connection fewer of the others, so that requests are balanced", () => {
  const placement = placements.equalRequests({ ...scenario, connections: 128, heavyTimes: 21 }, random);
  // 148 shares of requests: 74 a worker, of which the heavy connection has 21.
  expect(placement.filter((worker) => worker === placement[0])).toHaveLength(1 + 53);
  expect(placement.filter((worker) => worker !== placement[0])).toHaveLength(74);
});
