import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buffersOf } from "../../src/driver/buffers.ts";
import { mergeReports } from "../../src/driver/merge.ts";
import { Recorder } from "../../src/driver/recorder.ts";
import { seededRandom } from "../../src/random.ts";
import { createRun } from "../../src/result/create-run.ts";
import { failureReasonOf, noConnection, outcomeOf } from "../../src/result/load.ts";
import type { Samples } from "../../src/result/load.ts";
import type { Distribution, Run } from "../../src/result/result.ts";
import { connectionRow, createLoad, runParts, startedAtUs } from "../result/samples.ts";

interface Request {
  readonly latencyUs: number;
  readonly blockedUs: number;
  readonly lagUs: number;
  readonly connection: number;
  readonly second: number;
  readonly outcome: number;
}

const outcomes = [200, 200, 200, 200, 404, 503, outcomeOf("timeout"), outcomeOf("reset")];
const [connections, seconds] = [5, 4];

/** Requests of five connections over four seconds, with latencies over six orders of magnitude. */
function requestsOf(count: number, seed: number): Request[] {
  const random = seededRandom(seed, "requests");
  return Array.from({ length: count }, (_, i) => {
    const [serviceUs, blockedUs, lagUs] = [
      10 ** (1 + 5 * random()),
      random() < 0.5 ? 0 : 9e4 * random(),
      random() < 0.5 ? 300 * random() : 9e4 * random(),
    ];
    const sent = random() < 0.95;
    return {
      latencyUs: serviceUs + blockedUs + lagUs,
      blockedUs: sent ? blockedUs : serviceUs + blockedUs + lagUs,
      lagUs: sent ? lagUs : 0,
      connection: sent ? Math.floor(random() * connections) : noConnection,
      second: Math.floor((i / count) * seconds),
      outcome: sent ? outcomes[Math.floor(random() * outcomes.length)]! : outcomeOf("never-sent"),
    };
  });
}

function record(
  requests: readonly Request[],
  cap?: number,
  workerOf: (row: number) => number = () => -1,
): Samples {
  const recorder = new Recorder({ expected: 0, workerOf, ...(cap === undefined ? {} : { cap }) });
  for (const { latencyUs, blockedUs, lagUs, connection, second, outcome } of requests)
    recorder.record(latencyUs, blockedUs, lagUs, connection, second * 1e6, outcome);
  return recorder.take();
}

const rows = Array.from({ length: connections }, (_, row) => connectionRow(row));
/** Connection 0 on worker 0, 1 on worker 1, …, the last on no known one. */
const mapping = {
  method: "epoll" as const,
  workerOf: new Map([0, 1, 0, 1].entries()),
  checks: [],
  reason: "",
};

function runOf(samples: Samples, changes: Parameters<typeof createLoad>[1] = {}): Run {
  const load = { ...createLoad([], { connections: rows, durationUs: seconds * 1e6, ...changes }), samples };
  return createRun(runParts(load, { mapping }));
}

/** Everything that a cap must not change. */
function countsOf(run: Run) {
  return {
    requests: run.actual.requests,
    statuses: run.statuses,
    failures: run.failures,
    counts: [
      run.latency,
      run.latencyWithoutLag,
      run.serviceTime,
      run.blocked,
      run.lag,
      run.failureLatency,
    ].map(({ count }) => count),
    censored: {
      ...run.censored,
      youngestUs: Math.fround(run.censored.youngestUs),
      oldestUs: Math.fround(run.censored.oldestUs),
    },
    workers: run.workers.map(({ id, requests, failures, latency }) => [
      id,
      requests,
      failures,
      latency.count,
    ]),
    connections: run.connections.map(({ id, requests, failures }) => [id, requests, failures]),
    series: run.series.map(({ second, requests, failures }) => [second, requests, failures]),
  };
}

function quantileOf(values: readonly number[], percentile: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil((percentile / 100) * sorted.length - 1e-9)) - 1] ?? 0;
}

/** Within 2 %, and the 64 ns that a histogram does not tell apart. */
function expectNear(us: number, truthUs: number): void {
  expect(Math.abs(us - truthUs)).toBeLessThanOrEqual(truthUs * 0.02 + 0.064);
}

function expectQuantiles({ percentilesUs }: Distribution, values: readonly number[]): void {
  for (const [percentile, us] of Object.entries(percentilesUs))
    expectNear(us, quantileOf(values, Number(percentile)));
}

const latencies = (some: readonly Request[]) => some.map(({ latencyUs }) => latencyUs);

const count = fc.integer({ min: 0, max: 300 });
const seed = fc.integer({ min: 0, max: 1e6 });

test("keeps all samples up to the cap, in their order, and none beyond", () => {
  const requests = requestsOf(3000, 1);
  for (const cap of [0, 1, 1024, 1500, 2999]) {
    const samples = record(requests, cap);
    expect([...samples.latencyUs]).toEqual(
      requests.slice(0, cap).map(({ latencyUs }) => Math.fround(latencyUs)),
    );
    expect(samples.coarse?.count).toBe(3000 - cap);
  }
  for (const cap of [undefined, 3000, 5000]) {
    expect(record(requests, cap).count).toBe(3000);
    expect(record(requests, cap)).not.toHaveProperty("coarse");
  }
});

test("a cap changes no count, whatever it is", () => {
  fc.assert(
    fc.property(count, count, seed, (total, cap, seed) => {
      const requests = requestsOf(total, seed);
      expect(countsOf(runOf(record(requests, cap)))).toEqual(countsOf(runOf(record(requests))));
    }),
    { numRuns: 40 },
  );
});

describe("quantiles are within 2 % of those of the sorted requests", () => {
  const requests = requestsOf(4000, 2);
  const sent = requests.filter(({ outcome }) => outcome !== outcomeOf("never-sent"));

  test.each([0, 1, 1300, 3999])("with a cap of %i", (cap) => {
    const run = runOf(record(requests, cap));
    expectQuantiles(run.latency, latencies(requests));
    expectQuantiles(
      run.latencyWithoutLag,
      requests.map(({ latencyUs, lagUs }) => latencyUs - lagUs),
    );
    expectQuantiles(
      run.serviceTime,
      sent.map(({ latencyUs, lagUs, blockedUs }) => latencyUs - blockedUs - lagUs),
    );
    expectQuantiles(
      run.blocked,
      requests.map(({ blockedUs }) => blockedUs),
    );
    expectQuantiles(
      run.lag,
      requests.map(({ lagUs }) => lagUs),
    );
    expectQuantiles(run.failureLatency, latencies(requests.filter(({ outcome }) => outcome >= 400)));
    expectNear(run.latency.maxUs, Math.max(...latencies(requests)));
    expectNear(run.latency.meanUs, latencies(requests).reduce((sum, us) => sum + us, 0) / requests.length);
    for (const { id, latency } of run.workers)
      expectQuantiles(
        latency,
        latencies(sent.filter(({ connection }) => mapping.workerOf.get(connection) === id)),
      );
    for (const { id, p50Us } of run.connections)
      expectNear(p50Us, quantileOf(latencies(sent.filter(({ connection }) => connection === id)), 50));
  });
});

test("a quantile that lies among the censored is not read as below the youngest of them", () => {
  const timedOut = { blockedUs: 0, lagUs: 0, second: 0, latencyUs: 3e6 + 1, outcome: outcomeOf("timeout") };
  const requests = Array.from({ length: 200 }, (_, i) => ({ connection: i % connections, ...timedOut }));
  const run = runOf(record(requests, 10));
  expect(run.latency.percentilesUs["50"]).toBeGreaterThanOrEqual(run.censored.youngestUs);
});

test("seconds with requests above the cap have no quantiles, and the others keep theirs", () => {
  const requests = requestsOf(400, 4);
  const [whole, capped] = [runOf(record(requests)), runOf(record(requests, 250))];
  expect(capped.series.slice(0, 2)).toEqual(whole.series.slice(0, 2));
  for (const { p50Us, p99Us, workers } of capped.series.slice(2))
    expect([p50Us, p99Us, ...workers.map(({ requests }) => requests)]).toEqual([null, null, null, null]);
});

test("the tail's blocks are those of the kept samples", () => {
  const requests = requestsOf(400, 5);
  const run = runOf(record(requests, 250));
  const beyond = requests.slice(0, 250).filter(({ latencyUs }) => latencyUs > run.tail.thresholdUs);
  expect(run.tail.blocks.reduce((sum, block) => sum + block.requests, 0)).toBe(beyond.length);
});

test("a rate that the target did not keep is seen above the cap too", () => {
  // 1000 a second are due for four seconds, and each second's wait longer: all of the last and a fifth of those before are sent too late.
  const [dueS, waitS] = [(i: number) => i / 1000, (i: number) => Math.floor(i / 1000) * 0.6];
  const requests = Array.from({ length: 4000 }, (_, i) => ({
    latencyUs: waitS(i) * 1e6 + 100,
    blockedUs: waitS(i) * 1e6,
    lagUs: 0,
    connection: i % 4,
    second: Math.floor(dueS(i)),
    outcome: 200,
  }));
  const sentInTime = requests.filter((_, i) => dueS(i) + waitS(i) < 4).length;
  for (const cap of [0, 2000, 3500]) {
    const run = runOf(record(requests, cap));
    expect(Math.abs(run.actual.qps * 4 - sentInTime)).toBeLessThanOrEqual(5);
    expect(run.warnings.map(({ code }) => code)).toContain("behind-schedule");
  }
});

const workerNamedBy = (row: number) => row % 3;
const pidNamedBy = (row: number) => 4_194_301 + workerNamedBy(row);

describe("connections beyond those with histograms of their own", () => {
  const many = Array.from({ length: 5000 }, (_, row) => connectionRow(row));
  const requests = many.map((_, row) => ({
    latencyUs: 1000 + (row % 3) * 1000,
    blockedUs: 0,
    lagUs: 0,
    connection: row,
    second: 0,
    outcome: 200,
  }));
  const byHeader = { method: "header" as const, checks: [], reason: "" };

  test("are told apart by the worker that their header named", () => {
    const samples = record(requests, 10, workerNamedBy);
    expect(samples.coarse!.groups.length).toBe(1014 + 3);
    const load = { ...createLoad([], { connections: many }), samples };
    const known = new Map(many.map(({ id }) => [id, workerNamedBy(id)]));
    const run = createRun(runParts(load, { mapping: { ...byHeader, workerOf: known } }));
    expect(run.workers.map(({ requests }) => requests)).toEqual([1667, 1667, 1666]);
    for (const { id, latency } of run.workers) expectNear(latency.percentilesUs["50"]!, 1000 + id * 1000);
    expect(run.connections.every(({ requests }) => requests === 1)).toBe(true);
  });

  test("whatever numbers it goes by, as PIDs do", () => {
    const load = { ...createLoad([], { connections: many }), samples: record(requests, 10, pidNamedBy) };
    const known = new Map(many.map(({ id }) => [id, workerNamedBy(id)]));
    const run = createRun(runParts(load, { mapping: { ...byHeader, workerOf: known } }));
    expect(run.workers.map(({ requests }) => requests)).toEqual([1667, 1667, 1666]);
  });

  test("of 1024 workers at most: a header that counts on does not fill the memory", () => {
    const { groups } = record(requests, 10, (row) => row).coarse!;
    expect(groups.length).toBe(1014 + 1024 + 1);
    expect(groups.at(-1)).toMatchObject({ connection: noConnection, own: false, requests: 5000 - 2 * 1024 });
  });

  test("and where none did, belong to no worker, which a warning says", () => {
    const load = { ...createLoad([], { connections: many }), samples: record(requests, 10) };
    const known = new Map(many.map(({ id }) => [id, 0]));
    const run = createRun(runParts(load, { mapping: { ...byHeader, workerOf: known } }));
    expect(run.workers[0]!.requests).toBe(1024);
    expect(run.actual.requests).toBe(5000);
    expect(run.warnings.find(({ code }) => code === "samples-coarse")?.message).toBe(
      "4990 of 5000 requests were recorded in coarse histograms, 3976 of them without their worker",
    );
  });
});

test("threads with other caps merge to the same run, each connection its own", () => {
  const cap = fc.option(fc.integer({ min: 0, max: 120 }), { nil: undefined });
  fc.assert(
    fc.property(fc.array(fc.tuple(count, cap, seed), { minLength: 1, maxLength: 3 }), (threads) => {
      const merged = (capped: boolean): Run => {
        const reports = threads.map(([total, cap, seed], thread) => ({
          samples: record(requestsOf(total, seed), capped ? cap : undefined),
          connections: rows.map(({ id }) => connectionRow(id * 3 + thread, { thread })),
          requestKinds: [],
          tlsFailures: {},
          skipped: 0,
          warmup: { sent: 0, answered: 0, redirects: 0 },
          redirects: 0,
          kernelTimed: 0,
          bytesSent: 0,
          bytesReceived: 0,
          cutShort: false,
          endedAtUs: startedAtUs + 4e6,
          busy: 0.1,
        }));
        const context = { startedAtUs, plannedUs: 4e6, driverCpuS: 1, openFailures: {}, stopped: null };
        const workerOf = new Map(Array.from({ length: 12 }, (_, id) => [id, id % 2]));
        return createRun(runParts(mergeReports(reports, context), { mapping: { ...mapping, workerOf } }));
      };
      const [whole, capped] = [merged(false), merged(true)];
      expect(countsOf(capped)).toEqual(countsOf(whole));
      for (const [percentile, us] of Object.entries(capped.latency.percentilesUs))
        expectNear(us, whole.latency.percentilesUs[percentile]!);
      capped.connections.forEach(({ p50Us }, row) => expectNear(p50Us, whole.connections[row]!.p50Us));
    }),
    { numRuns: 30 },
  );
});

test("what is taken passes to another thread by transfer of its buffers", () => {
  const samples = record(requestsOf(300, 6), 100);
  const copy = structuredClone(samples);
  const passed = structuredClone(samples, { transfer: buffersOf(samples) });
  expect(passed).toEqual(copy);
  expect(buffersOf(samples).every(({ detached }) => detached)).toBe(true);
  expect(passed.coarse!.censored.count).toBe(
    requestsOf(300, 6)
      .slice(100)
      .filter(({ outcome }) => failureReasonOf(outcome) !== undefined).length,
  );
});

test("keeps intended starts where they are asked for, and the second is theirs", () => {
  const recorder = new Recorder({ expected: 0, starts: true, workerOf: () => -1 });
  const starts = Array.from({ length: 3000 }, (_, i) => 1234.5 * i);
  for (const startUs of starts) recorder.record(1, 0, 0, 0, startUs, 200);
  const samples = recorder.take();
  expect([...samples.startUs!]).toEqual(starts);
  expect([...samples.second]).toEqual(starts.map((us) => Math.floor(us / 1e6)));
  expect(record(requestsOf(10, 1))).not.toHaveProperty("startUs");
});
