import { expect, test } from "vitest";
import { attributeHops } from "../../src/attribution/hops.ts";
import { Histogram } from "../../src/histogram.ts";
import { toDistribution } from "../../src/result/distribution.ts";
import type { RunAttribution } from "../../src/result/attribution.ts";
import type { HopResult, Links } from "../../src/result/hops.ts";
import type { Run } from "../../src/result/result.ts";

const proof = {
  listener: null,
  configured: null,
  inEffect: null,
  reusePort: null,
  sockets: null,
  descriptors: null,
  reason: "",
};
const counted = { connections: null, requests: null };

function hop(
  number: number,
  workers: readonly [number | null, number | null][],
  links: Links | null,
): HopResult {
  return {
    hop: number,
    envoy: null,
    proof,
    counted,
    times: null,
    workers: workers.map(([connections, cpuPercent], id) => ({
      id,
      connections,
      cpuPercent,
      dispatcher: null,
    })),
    links,
  };
}

const linksOf = (...pairs: readonly [from: number, to: number, connections: number][]): Links => ({
  mapped: pairs.reduce((sum, [, , connections]) => sum + connections, 0),
  unmapped: 0,
  elsewhere: 0,
  before: 0,
  matrix: pairs.map(([from, to, connections]) => ({ from, to, connections })),
  reason: "",
});

const first: RunAttribution["perWorker"] = [
  { worker: 0, requestShare: 0.75, tailShare: 0.9, lift: 1.2 },
  { worker: 1, requestShare: 0.25, tailShare: 0.1, lift: 0.4 },
];
const two: [number, number][] = [
  [30, 60],
  [10, 20],
];
const unanswered = {
  latencyWithoutLag: toDistribution(new Histogram(), []),
  tail: { quantile: 0.99 },
} as Run;
const attributed = (links: Links, second = two) =>
  attributeHops({ ...unanswered, hops: [hop(1, two, null), hop(2, second, links)] } as Run, first).hops![1]!;

test("without a chain there is not even the field", () => {
  expect(attributeHops({ hops: [] } as unknown as Run, first)).toEqual({});
});

test("skew is that of the counts and of the CPU: 30 and 10, 60 % and 20 %, are both 1.5 times their mean", () => {
  const { connectionSkew, cpuSkew, perWorker } = attributed(linksOf([0, 0, 40]));
  expect(connectionSkew!.maxOverMean).toBeCloseTo(1.5, 12);
  expect(cpuSkew!.maxOverMean).toBeCloseTo(1.5, 12);
  expect(perWorker.map(({ connectionShare, cpuShare }) => [connectionShare, cpuShare])).toEqual([
    [0.75, 0.75],
    [0.25, 0.25],
  ]);
});

test("where each worker's connections lead to one worker, every request's way is known", () => {
  const { perWorker, sentence } = attributed(linksOf([0, 0, 5], [1, 1, 3]));
  expect(perWorker.map(({ requestShare }) => requestShare)).toEqual([
    [0.75, 0.75],
    [0.25, 0.25],
  ]);
  expect(perWorker.map(({ tailShare }) => tailShare)).toEqual([
    [0.9, 0.9],
    [0.1, 0.1],
  ]);
  expect(sentence).toBe(
    "Hop 2: worker_0 has 75 % of the CPU of its workers, 30 connections (75 %), and 90 % of the tail passed through it.",
  );
});

test("where they lead to both, only bounds are known", () => {
  const { perWorker } = attributed(linksOf([0, 0, 5], [0, 1, 1], [1, 1, 3]));
  expect(perWorker.map(({ requestShare }) => requestShare)).toEqual([
    [0, 0.75],
    [0.25, 1],
  ]);
});

const bounds = (links: Links) => attributed(links).perWorker.map(({ requestShare }) => requestShare);

test("nothing is said of requests whose connections are gone or could not be told apart", () => {
  expect(bounds(linksOf([0, 0, 5]))).toEqual([null, null]);
  expect(bounds({ ...linksOf([0, 0, 5], [1, 1, 5]), unmapped: 1 })).toEqual([null, null]);
});

test("what is not known of one worker is no share of any", () => {
  const { perWorker, cpuSkew, sentence } = attributed(linksOf([0, 0, 1], [1, 1, 1]), [
    [3, null],
    [1, null],
  ] as never);
  expect(cpuSkew).toBeNull();
  expect(perWorker.map(({ cpuShare }) => cpuShare)).toEqual([null, null]);
  expect(sentence).toBe("Hop 2: worker_0 has 3 connections (75 %), and 90 % of the tail passed through it.");
});
