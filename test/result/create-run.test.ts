import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Histogram } from "../../src/histogram.ts";
import { seededRandom, shuffle } from "../../src/random.ts";
import { createRun } from "../../src/result/create-run.ts";
import { histogramOf } from "../../src/result/distribution.ts";
import { failureReasons, outcomeOf } from "../../src/result/load.ts";
import type { Distribution } from "../../src/result/result.ts";
import type { Stop } from "../../src/result/stop.ts";
import { connectionRow, createLoad, loadPlan, nothingObserved, runParts, startedAtUs } from "./samples.ts";
import type { Row } from "./samples.ts";

/** The textbook nearest-rank quantile: the oracle of every histogram here. */
function oracle(values: readonly number[], quantile: number): number {
  const sorted = values.map(Math.fround).sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(quantile * sorted.length - 1e-9)) - 1] ?? 0;
}

function expectQuantiles(distribution: Distribution, values: readonly number[]): void {
  expect(distribution.count).toBe(values.length);
  for (const [percentile, us] of Object.entries(distribution.percentilesUs)) {
    const truth = oracle(values, Number(percentile) / 100);
    // HdrHistogram's promise: three significant digits, in units of 64 ns.
    expect(Math.abs(us - truth)).toBeLessThanOrEqual(truth * 1e-3 + 0.064);
  }
}

/** Requests of two connections, one of each worker, with every part of their lives. */
function lognormalRows(count: number, seed: number): Row[] {
  const random = seededRandom(seed, "rows");
  return Array.from({ length: count }, (_, i) => {
    const serviceUs =
      800 * Math.exp(1.2 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
    const blockedUs = random() < 0.3 ? serviceUs * random() : 0;
    const lagUs = 200 * random();
    return {
      latencyUs: serviceUs + blockedUs + lagUs,
      blockedUs,
      lagUs,
      connection: i % 2,
      second: Math.floor((i / count) * 3),
      outcome: i % 50 === 49 ? outcomeOf("timeout") : i % 40 === 39 ? 503 : 200,
    };
  });
}

const twoConnections = [connectionRow(0), connectionRow(1, { id: 17, slot: 1 })];
const twoWorkers = {
  method: "epoll" as const,
  workerOf: new Map([
    [0, 0],
    [17, 1],
  ]),
  checks: [],
  reason: "",
};

describe("distributions", () => {
  const rows = lognormalRows(6000, 1);
  const load = createLoad(rows, { connections: twoConnections, durationUs: 3e6 });
  const run = createRun(runParts(load, { mapping: twoWorkers, percentiles: [95, 99.99] }));

  test("every part of a request's life has the quantiles of its sorted values", () => {
    expectQuantiles(
      run.latency,
      rows.map((row) => row.latencyUs),
    );
    expectQuantiles(
      run.latencyWithoutLag,
      rows.map((row) => row.latencyUs - row.lagUs!),
    );
    expectQuantiles(
      run.serviceTime,
      rows.map((row) => row.latencyUs - row.lagUs! - row.blockedUs!),
    );
    expectQuantiles(
      run.blocked,
      rows.map((row) => row.blockedUs!),
    );
    expectQuantiles(
      run.lag,
      rows.map((row) => row.lagUs!),
    );
    expectQuantiles(
      run.failureLatency,
      rows.filter((row) => row.outcome !== 200).map((row) => row.latencyUs),
    );
    expectQuantiles(run.connectTime, [100, 101]);
    expect(run.tlsTime).toMatchObject({ count: 0, histogram: "", maxUs: 0, meanUs: 0 });
  });

  test("the percentiles asked for stand beside the standing ones, in order", () => {
    expect(Object.keys(run.latency.percentilesUs)).toEqual(["50", "75", "90", "95", "99", "99.9", "99.99"]);
  });

  test("a worker's histograms are those of its own connections", () => {
    expect(run.workers.map(({ id }) => id)).toEqual([0, 1]);
    for (const { id, latency, serviceTime } of run.workers) {
      const own = rows.filter((row) => row.connection === id);
      expectQuantiles(
        latency,
        own.map((row) => row.latencyUs),
      );
      expectQuantiles(
        serviceTime,
        own.map((row) => row.latencyUs - row.lagUs! - row.blockedUs!),
      );
    }
  });

  test("the mean is the mean of the values, not of their buckets", () => {
    const mean = rows.reduce((sum, row) => sum + row.latencyUs, 0) / rows.length;
    expect(run.latency.meanUs).toBeCloseTo(mean, 2);
  });

  test("responses and failures are counted by status and reason, error statuses as both", () => {
    const timeouts = rows.filter((row) => row.outcome === outcomeOf("timeout"));
    const errors = rows.filter((row) => row.outcome === 503).length;
    expect(run.statuses).toEqual({ "200": 6000 - timeouts.length - errors, "503": errors });
    expect(run.failures).toEqual({ timeout: timeouts.length, "http-error": errors });
    expect(run.actual.requests).toBe(6000 - timeouts.length);
    expect(run.censored).toEqual({
      count: timeouts.length,
      youngestUs: oracle(
        timeouts.map((row) => row.latencyUs),
        0,
      ),
      oldestUs: oracle(
        timeouts.map((row) => row.latencyUs),
        1,
      ),
    });
  });

  test("the tail's blocks hold exactly the requests above the tail quantile", () => {
    const beyond = rows.filter(
      (row) => Math.round(Math.fround(row.latencyUs) * 1e3) > run.tail.thresholdUs * 1e3,
    );
    expect(run.tail.quantile).toBe(0.99);
    expect(run.tail.thresholdUs).toBe(run.latency.percentilesUs["99"]);
    expect(run.tail.blocks.reduce((sum, block) => sum + block.requests, 0)).toBe(beyond.length);
    for (const { connection, second, requests } of run.tail.blocks) {
      const row = connection === 17 ? 1 : 0;
      expect(requests).toBe(beyond.filter((one) => one.connection === row && one.second === second).length);
    }
    expect(histogramOf(run.latency).countAbove(run.tail.thresholdUs)).toBe(beyond.length);
    expect(run.connections.map(({ tailRequests }) => tailRequests)).toEqual(
      [0, 1].map((row) => beyond.filter((one) => one.connection === row).length),
    );
  });

  test("each connection has its own median, counts and worker, with times from the start of the load", () => {
    const own = rows.filter((row) => row.connection === 1);
    expect(run.connections[1]).toEqual({
      id: 17,
      retired: false,
      slot: 1,
      thread: 0,
      localPort: 40_001,
      worker: 1,
      openedAtUs: -9999,
      closedAtUs: null,
      requests: own.filter((row) => row.outcome! < 1000).length,
      failures: own.filter((row) => row.outcome !== 200).length,
      tailRequests: expect.any(Number) as number,
      p50Us: expect.closeTo(
        oracle(
          own.map((row) => row.latencyUs),
          0.5,
        ),
        2,
      ) as number,
    });
  });
});

// Nothing or a microsecond at least: within its first 64 ns a histogram's maximum depends on the order.
const us = (max: number) => fc.double({ min: 0, max, noNaN: true }).map((value) => (value < 1 ? 0 : value));

describe("invariants", () => {
  const row = fc.record({
    latencyUs: us(5e6),
    blockedUs: us(1e6),
    lagUs: us(1e5),
    connection: fc.integer({ min: 0, max: 3 }),
    second: fc.integer({ min: 0, max: 4 }),
    outcome: fc.constantFrom(200, 204, 404, 503, ...failureReasons.map(outcomeOf)),
  });
  const connections = [0, 1, 2, 3].map((id) => connectionRow(id));
  const mapping = { ...twoWorkers, workerOf: new Map([0, 1, 2, 3].map((id) => [id, id % 3])) };
  const runOf = (rows: readonly Row[]) =>
    createRun(runParts(createLoad(rows, { connections, durationUs: 5e6 }), { mapping }));

  test("the workers' histograms add up to the total, bucket by bucket", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
        const run = runOf(rows);
        for (const part of ["latency", "latencyWithoutLag", "serviceTime"] as const) {
          const sum = new Histogram();
          for (const worker of run.workers) sum.add(histogramOf(worker[part]));
          expect([...sum.buckets()]).toEqual([...histogramOf(run[part]).buckets()]);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("nothing is lost: every sample is a response or censored, wherever it is counted", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
        const run = runOf(rows);
        const neverSent = rows.filter((one) => one.outcome === outcomeOf("never-sent")).length;
        expect(run.latency.count).toBe(rows.length);
        expect(run.actual.requests + run.censored.count).toBe(rows.length);
        expect(run.serviceTime.count).toBe(rows.length - neverSent);
        for (const part of [run.series, run.connections, run.workers]) {
          expect(total(part.map(({ requests }) => requests))).toBe(run.actual.requests);
          expect(total(part.map(({ failures }) => failures))).toBe(total(Object.values(run.failures)));
        }
        expect(total(Object.values(run.statuses))).toBe(run.actual.requests);
      }),
      { numRuns: 50 },
    );
  });

  test("the order of the samples changes nothing", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), fc.integer(), (rows, seed) => {
        const [one, other] = [runOf(rows), runOf(shuffle(rows, seededRandom(seed, "order")))];
        // Sums of floats depend on their order in the last digits.
        const plain = (run: typeof one) =>
          JSON.parse(JSON.stringify(run, (key, value: unknown) => (key === "meanUs" ? 0 : value))) as unknown;
        expect(plain(other)).toEqual(plain(one));
      }),
      { numRuns: 30 },
    );
  });
});

const steady = (qps: number, seconds: number, life: Partial<Row> = {}): Row[] =>
  Array.from({ length: qps * seconds }, (_, i) => ({
    latencyUs: 900,
    lagUs: 100,
    connection: 0,
    second: Math.floor(i / qps),
    ...life,
  }));
const actual = (rows: readonly Row[], seconds: number, plan = loadPlan) =>
  createRun(runParts(createLoad(rows, { connections: twoConnections, durationUs: seconds * 1e6 }), { plan }))
    .actual;

describe("the rate that was got", () => {
  test("is the asked one where every request was sent on time, however late its answer", () => {
    expect(actual(steady(100, 5), 5)).toMatchObject({ qps: 100, durationS: 5, requests: 500 });
    expect(actual(steady(100, 5, { latencyUs: 2.9e6 }), 5)).toMatchObject({ qps: 100, durationS: 5 });
  });

  test("leaves out what was only sent after the end, from the backlog", () => {
    // A target of 80 a second at an asked 100: the request due at t is sent at t × 100 / 80.
    const rows = Array.from({ length: 500 }, (_, i) => {
      const blockedUs = (i / 80 - i / 100) * 1e6;
      return { latencyUs: blockedUs + 900, blockedUs, connection: 0, second: Math.floor(i / 100) };
    });
    const truth = rows.filter((_, i) => i / 80 < 5).length / 5;
    expect(Math.abs(actual(rows, 5).qps - truth)).toBeLessThan(0.6);
  });

  test("counts responses only", () => {
    const rows = [...steady(100, 2), ...steady(20, 2, { outcome: outcomeOf("reset") })];
    expect(actual(rows, 2)).toMatchObject({ qps: 100, requests: 200 });
  });

  test("is taken until the last response for -n as fast as it goes, and over the schedule at a rate", () => {
    const plan = { ...loadPlan, exactly: 1, qps: 0 };
    expect(actual([{ latencyUs: 250_000, connection: 0 }], 0, plan)).toMatchObject({
      qps: 4,
      durationS: 0.25,
    });
    expect(actual([{ latencyUs: 900, connection: 0 }], 0.125, { ...plan, qps: 8 })).toMatchObject({
      qps: 8,
      durationS: 0.125,
    });
  });

  test("ends with the interruption, whatever was answered later", () => {
    const stop: Stop = { code: "interrupted", message: "interrupted" };
    const load = createLoad([{ latencyUs: 2.9e6, connection: 0 }], { durationUs: 1e6, stop });
    const plan = { ...loadPlan, qps: 0, durationUs: 0, exactly: 100 };
    expect(createRun(runParts(load, { plan })).actual).toMatchObject({ qps: 1, durationS: 1 });
  });
});

test("the time asked for is that of the schedule, and none where a load ends otherwise", () => {
  const load = createLoad([]);
  const asked = (amount: Partial<typeof loadPlan>) =>
    createRun(runParts(load, { plan: { ...loadPlan, ...amount } })).requested.durationS;
  expect(asked({ durationUs: 7e6 })).toBe(7);
  expect(asked({ durationUs: 7e6, qps: 0 })).toBe(7);
  expect(asked({ durationUs: 0 })).toBe(0);
  expect(asked({ durationUs: 0, exactly: 100, qps: 1000 })).toBe(0.1);
  expect(asked({ durationUs: 0, exactly: 100, qps: 0 })).toBe(0);
});

test("a run in which nothing was answered has failed, one cut short before it began has not", () => {
  const refused = [{ latencyUs: 80, outcome: outcomeOf("connect-refused") }];
  const ended = (stop: Stop | null) => createRun(runParts(createLoad(refused, { stop })));
  expect(ended(null)).toMatchObject({ state: "failed", stop: { code: "no-answer" } });
  const interrupted: Stop = { code: "interrupted", message: "interrupted" };
  expect(ended(interrupted)).toMatchObject({ state: "interrupted", stop: interrupted });
  const aborted: Stop = { code: "abort-on", message: "status 503" };
  expect(ended(aborted)).toMatchObject({ state: "failed", stop: aborted });
});

test("a worker without connections is in the result: Envoy's concurrency tells of it", () => {
  const observation = { ...nothingObserved, envoy: { version: "1.40.0", concurrency: 4 } };
  const run = createRun(
    runParts(createLoad([{ latencyUs: 1, connection: 0 }], { connections: twoConnections }), {
      observation,
      mapping: { ...twoWorkers, workerOf: new Map([[0, 2]]) },
    }),
  );
  expect(run.workers.map(({ id, connections, requests }) => [id, connections, requests])).toEqual([
    [0, 0, 0],
    [1, 0, 0],
    [2, 1, 1],
    [3, 0, 0],
  ]);
  expect(run.mapping).toMatchObject({ mapped: 1, unmapped: 1 });
});

test("each connection tells the share that its weight gives it, and none where all are alike", () => {
  const load = createLoad([], { connections: twoConnections });
  const shares = (changes: Partial<typeof loadPlan>) =>
    createRun(runParts(load, { plan: { ...loadPlan, connections: 2, ...changes } })).connections.map(
      ({ intendedShare }) => intendedShare,
    );
  expect(shares({ connectionWeights: [{ connections: 1, weight: 6 }] })).toEqual([6 / 7, 1 / 7]);
  expect(shares({})).toEqual([undefined, undefined]);
});

test("short-lived connections are counted and mapped, not listed; their tail is told by slot", () => {
  const connections = [
    connectionRow(0, { openedAtUs: 6.9e9 }),
    ...[1, 2, 3].map((id) => connectionRow(id, { slot: 5, openedAtUs: 7e9 + id })),
  ];
  const rows = [1, 2, 3].map((connection) => ({ latencyUs: connection * 100, connection }));
  const run = createRun(
    runParts(createLoad(rows, { connections }), {
      plan: { ...loadPlan, keepalive: false },
      mapping: {
        method: "header",
        workerOf: new Map([0, 1, 2, 3].map((id) => [id, id % 2])),
        checks: [],
        reason: "",
      },
      tailQuantile: 0.5,
    }),
  );
  expect(run.connections).toEqual([]);
  // The warm-up's connection, opened before the load, is none of the run's.
  expect(run.socketsOpened).toBe(3);
  expect(run.workers.map(({ connections, requests }) => [connections, requests])).toEqual([
    [1, 1],
    [2, 2],
  ]);
  expect(run.tail.blocks).toEqual([{ connection: 5, second: 0, requests: 1 }]);
  expect(run.actual.connections).toBe(1);
});

test("of TLS a connection counts once its handshake is done, whose time is its own", () => {
  const connections = [
    connectionRow(0, { tlsTimeUs: 900 }),
    connectionRow(1, { tlsTimeUs: 300, resumed: true }),
    connectionRow(2, { tlsTimeUs: null, closedAtUs: startedAtUs }),
  ];
  const target = { kind: "url", url: "https://h/", hop: "", mode: null } as const;
  const run = createRun(runParts(createLoad([], { connections }), { target }));
  expectQuantiles(run.tlsTime, [300, 900]);
  expectQuantiles(run.connectTime, [100, 101]);
  expect([run.socketsOpened, run.actual.connections, run.tlsResumed]).toEqual([2, 2, 1]);
});

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0);
}
