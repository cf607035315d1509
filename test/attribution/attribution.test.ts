import { describe, expect, test } from "vitest";
import { attribute } from "../../src/attribution/attribution.ts";
import { median } from "../../src/order-statistics.ts";
import type { Attribution } from "../../src/result/attribution.ts";
import { craftedRun, exponentialGrid, ofSide, queueRun } from "./crafted-run.ts";
import { scenarios } from "./scenarios.ts";
import type { ScenarioName } from "./scenarios.ts";
import { simulatedSet } from "./simulated-run.ts";

const modes = ["default", "reuse_port", "exact_balance"] as const;

interface Judged {
  readonly answer: Attribution;
  readonly share: number | null;
  readonly interval: readonly [number, number] | null;
  readonly truth: number;
}

/** What the attribution says of `default` in simulated sets, beside the truth. */
function judge(name: ScenarioName, { seeds, repetitions }: { seeds: number; repetitions: number }): Judged[] {
  return Array.from({ length: seeds }, (_, i) => {
    const set = simulatedSet(scenarios[name], { modes, repetitions, seed: i + 1 });
    const answer = attribute(
      set.map(({ run }) => run),
      { tailQuantile: 0.99, seed: i },
    );
    const { skewShare, skewShareInterval } = answer.perMode.find(({ mode }) => mode === "default")!;
    const shares = set
      .filter(({ run }) => run.mode === "default")
      .map(({ lagFreeTailUs, tailUs, balancedTailUs }) => (lagFreeTailUs - balancedTailUs(2)) / tailUs);
    return { answer, share: skewShare, interval: skewShareInterval, truth: median(shares) };
  });
}

const medianError = (sets: readonly Judged[]): number =>
  median(sets.map(({ share, truth }) => Math.abs(share! - truth)));

// The whole table, over hundreds of sets, is test/bench/attribution-truth.ts; here a few keep the method from drifting.
describe("attribute, where the truth is known", { timeout: 60_000 }, () => {
  for (const name of ["poisson", "fixed"] as const)
    test(`finds the skew's share of the tail within 0.05, with an interval that holds it: ${name}`, () => {
      const sets = judge(name, { seeds: 3, repetitions: 5 });
      expect(medianError(sets)).toBeLessThan(0.05);
      const covered = sets.filter(({ interval, truth }) => interval![0] <= truth && truth <= interval![1]);
      expect(covered.length).toBeGreaterThanOrEqual(2);
    });

  test("promises no more and no less than it keeps: errors are as large as the intervals say", () => {
    const sets = judge("poisson", { seeds: 12, repetitions: 5 });
    const inStandardErrors = sets.map(
      ({ share, truth, interval }) => (share! - truth) / ((interval![1] - interval![0]) / 2 / 1.645),
    );
    const rms = Math.sqrt(inStandardErrors.reduce((sum, z) => sum + z * z, 0) / sets.length);
    expect(rms).toBeGreaterThan(0.6);
    expect(rms).toBeLessThan(1.4);
  });

  test("claims no skew where the tail is the upstream's, and blames no worker", () => {
    const sets = judge("no effect", { seeds: 4, repetitions: 5 });
    // Each slow request is slow for itself: counted as noise of a worker, it would make them half as wide again.
    expect(median(sets.map(({ interval }) => interval![1] - interval![0]))).toBeLessThan(0.28);
    expect(sets.filter(({ interval }) => interval![0] > 0)).toHaveLength(0);
    expect(sets.flatMap(({ answer }) => answer.warnings)).toEqual([]);
  });

  test("names the worker that is slow whatever it holds, and blames no skew", () => {
    for (const name of ["noisy worker, no effect", "noisy worker and skew"] as const)
      for (const { answer, share } of judge(name, { seeds: 1, repetitions: 5 })) {
        expect(answer.warnings.map(({ code }) => code)).toEqual(["worker-uneven"]);
        expect(answer.warnings[0]!.message).toMatch(/^worker_0 has \d\.\d times its part of the tail/);
        expect(share).toBeNull();
        expect(answer.perMode[0]!.sentence).toContain(
          "cannot be told: one worker has the tail whatever it holds",
        );
      }
  });
});

describe("attribute", () => {
  const hot = [104, 88, 70, 96, 60, 112];
  const queues = hot.map((held, order) =>
    queueRun(held, { order, mode: order % 2 === 0 ? "default" : "reuse_port", noise: 1 + 0.3 * (order % 3) }),
  );
  const options = { tailQuantile: 0.99, seed: 1 };

  test("recovers the balanced tail of M/M/1 queues exactly, each run with its own level of noise", () => {
    const { perRun, fit } = attribute(queues, options);
    expect(fit.shape).toBe("queueing");
    expect(fit.slope).toBeCloseTo(1, 1);
    expect(fit.busyShareAtBalance).toBeCloseTo(0.4, 6);
    for (const { order, balancedTailUs } of perRun) {
      const truth = ((Math.log(100) * 250) / (1 - 0.4)) * (1 + 0.3 * (order % 3));
      expect(Math.abs(balancedTailUs! / truth - 1)).toBeLessThan(0.02);
    }
  });

  test("splits every tail into parts that add up", () => {
    const lagging = queues.map((run, order) =>
      order % 2 === 0 ? run : { ...run, latency: queueRun(124, { order, mode: null }).latency },
    );
    const { perRun, perMode } = attribute(lagging, options);
    expect(perRun.some(({ lagUs }) => lagUs > 100)).toBe(true);
    for (const { tailUs, lagUs, skewUs, restUs } of [...perRun, ...perMode])
      expect(lagUs + skewUs! + restUs!).toBeCloseTo(tailUs, 6);
  });

  test("gives the same answer for the same runs and seed", () => {
    expect(attribute(queues, options)).toEqual(attribute(structuredClone(queues), options));
  });

  test("leaves a run without skew its tail", () => {
    const { perRun } = attribute([...queues, queueRun(64, { order: 6, mode: "exact_balance" })], options);
    const balanced = perRun.at(-1)!;
    expect(Math.abs(balanced.skewUs! / balanced.tailUs)).toBeLessThan(1e-5);
    expect(balanced.connectionSkew).toEqual({ maxOverMean: 1, cv: 0, jain: 1, p: null });
  });

  test("tests against chance only where chance places the connections", () => {
    const { perRun, perMode } = attribute(queues, options);
    for (const { order, connectionSkew, requestSkew } of perRun) {
      expect(connectionSkew!.p === null).toBe(order % 2 === 0);
      expect(requestSkew!.p).toBeNull();
    }
    expect(perMode.map(({ skewP }) => skewP === null)).toEqual([true, false]);
  });

  test("compares a prediction with what exact_balance measured, without lag", () => {
    const exact = [6, 7, 8].map((order) =>
      queueRun(64, { order, mode: "exact_balance", noise: 1 + order / 10 }),
    );
    const { perMode } = attribute([...queues, ...exact], options);
    const truth = ((Math.log(100) * 250) / 0.6) * 1.7;
    expect(perMode[0]!.measuredBalancedTailUs! / truth).toBeCloseTo(1, 1);
    expect(perMode.find(({ mode }) => mode === "exact_balance")!.measuredBalancedTailUs).toBeNull();
  });

  test("leaves out failed runs, and keeps tail and lag of runs whose workers are unknown", () => {
    const failed = { ...queues[0]!, order: 6, state: "failed" as const };
    const unknown = {
      ...queues[1]!,
      order: 7,
      mode: null,
      workers: [],
      mapping: { ...queues[1]!.mapping, mapped: 0 },
    };
    const { perRun, perMode } = attribute([...queues, failed, unknown], options);
    expect(perRun.map(({ order }) => order)).toEqual([0, 1, 2, 3, 4, 5, 7]);
    const last = perRun.at(-1)!;
    expect(last.tailUs).toBe(perRun[1]!.tailUs);
    expect([last.connectionSkew, last.hotColdRisk, last.skewUs, last.balancedTailUs]).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(perMode.at(-1)!.group).toBe("127.0.0.1:8080");
    expect(perMode.at(-1)!.sentence).toContain("is not known");
  });

  test("keeps sides and steps apart", () => {
    const sided = queues.map((run, i) => Object.assign({}, run, { side: i < 3 ? "before" : "after" }));
    const { perMode } = attribute(sided, options);
    expect(perMode.map(({ group }) => group).toSorted()).toEqual([
      "after default",
      "after reuse_port",
      "before default",
      "before reuse_port",
    ]);
  });

  test("does not judge a mode of whose runs most were held up by something else, nor lets them move the others", () => {
    const heldUp = [6, 7].map((order) => queueRun(90, { order, mode: "exact_balance", noise: 500 }));
    const { perRun, perMode, fit } = attribute([...queues, ...heldUp], options);
    expect(perRun.slice(-2).map(({ skewUs }) => skewUs)).toEqual([null, null]);
    expect(perMode.at(-1)!.skewShare).toBeNull();
    expect(perMode.at(-1)!.sentence).toContain("cannot be told: the target fell behind its schedule");
    expect(fit.slope).toBeCloseTo(attribute(queues, options).fit.slope!, 2);
  });

  test("judges a run whose every worker was saturated by the other runs of its load", () => {
    const full = craftedRun(
      [
        { connections: 128, latenciesUs: exponentialGrid(16_000, 400_000), busy: 0.97 },
        { connections: 0, latenciesUs: [], busy: 0 },
      ],
      { order: 6, mode: "default" },
    );
    const { perRun } = attribute([...queues, full], options);
    const others = perRun.slice(0, -1).map(({ balancedTailUs }) => balancedTailUs!);
    expect(perRun.at(-1)!.balancedTailUs! / median(others)).toBeCloseTo(1, 1);
    expect(perRun.at(-1)!.skewShare).toBeGreaterThan(0.99);
  });

  test("judges a side of an A/B by its own busy share, and its saturated runs by its own tails", () => {
    const full = craftedRun(
      [
        { connections: 128, latenciesUs: exponentialGrid(16_000, 400_000), busy: 0.97 },
        { connections: 0, latenciesUs: [], busy: 0 },
      ],
      { order: 12, mode: "default" },
    );
    const b = hot.map((held, i) =>
      queueRun(held, { order: 6 + i, mode: "default", busy: 0.2, serviceUs: 1000 }),
    );
    const { perRun } = attribute(
      [...[...queues, full].map((run) => ofSide("a", run)), ...b.map((run) => ofSide("b", run))],
      options,
    );
    const truthOfA = (Math.log(100) * 250) / (1 - 0.4);
    const truthOfB = (Math.log(100) * 1000) / (1 - 0.2);
    const balanced = (order: number): number => perRun.find((run) => run.order === order)!.balancedTailUs!;
    for (const { order } of b) expect(Math.abs(balanced(order) / truthOfB - 1)).toBeLessThan(0.02);
    for (const { order } of queues)
      expect(Math.abs(balanced(order) / truthOfA / (1 + 0.3 * (order % 3)) - 1)).toBeLessThan(0.02);
    expect(balanced(12) / truthOfA / 1.3).toBeCloseTo(1, 1);
  });

  test("says nothing of no runs", () => {
    expect(attribute([], options)).toMatchObject({
      perRun: [],
      perMode: [],
      warnings: [],
      fit: {
        shape: "none",
        reason:
          "too few requests of any run have a known worker: 1000 are needed, and nine tenths of the run's",
      },
    });
  });
});

test("runs of stages are left out, and the set says so: their tail mixes rates", () => {
  const set = simulatedSet(scenarios.poisson, { modes, repetitions: 1, seed: 1 }).map(({ run }) => run);
  const stage = { second: 0, seconds: 5, fromQps: 1, toQps: 2, fromConnections: 4, toConnections: 4 };
  const empty = { requests: 0, failures: 0, latency: null, serviceTime: null, lag: null, workers: [] };
  const mixed = set.map((run, i) => (i === 0 ? { ...run, stages: [{ ...stage, ...empty }] } : run));
  const answer = attribute(mixed, { tailQuantile: 0.99, seed: 1 });
  expect(answer.perRun.map(({ order }) => order)).toEqual(set.slice(1).map(({ order }) => order));
  expect(answer.warnings.map(({ code, message }) => [code, message.slice(0, 13)])).toContainEqual([
    "load-changes",
    "1 of 3 runs c",
  ]);
});
