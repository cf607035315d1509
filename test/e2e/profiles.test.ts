/** The profiles of the field's experiments, shortened: what theory says must be seen is seen. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { readResultSet } from "../../src/result/read-result-set.ts";
import type { RunAttribution } from "../../src/result/attribution.ts";
import type { Run, ResultSet } from "../../src/result/result.ts";
import { start, temporaryDirectory } from "../cli/mesh-load.ts";

test("few-connections: under reuse_port a third of the draws use one worker", async () => {
  const set = await shortened("few-connections", "-modes reuse_port -reps 40 -n 4");
  const alone = held(set, "reuse_port").filter((counts) => counts.includes(2)).length;
  // Binomial(40, 1/3): 13.3 ± 3.0; beyond [2, 28] lie 3 × 10⁻⁶ of all sets.
  expect(alone).toBeGreaterThanOrEqual(2);
  expect(alone).toBeLessThanOrEqual(28);
});

test("short-lived-paced: exact_balance gives all to one worker, reuse_port spreads them", async () => {
  const set = await shortened("short-lived-paced", "-modes reuse_port,exact_balance -reps 1");
  const [exact] = requestsOf(set, "exact_balance");
  // Where Envoy has not yet seen the end of one connection when the next comes, that goes to another worker:
  // more of them do on a busy machine.
  expect(Math.max(...exact!)).toBeGreaterThanOrEqual(0.55 * 200);
  // Binomial(200, 1/4): 50 ± 6; one of four workers is beyond 85 once in 10⁷ sets.
  const [spread] = requestsOf(set, "reuse_port");
  expect(sum(spread!)).toBe(200);
  expect(Math.max(...spread!)).toBeLessThanOrEqual(85);
});

test("accept-balance: exact_balance differs by one at most, reuse_port as balls in bins", async () => {
  const set = await shortened("accept-balance", "-modes reuse_port,exact_balance -reps 1");
  for (const counts of held(set, "exact_balance"))
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  const draws = held(set, "reuse_port");
  expect(draws.map(sum).toSorted((a, b) => a - b)).toEqual([2, 4, 8, 16, 32, 64]);
  // Pearson's statistic of each draw over four equal workers, summed: χ² of 18 degrees of freedom, above 60 once in 10⁶.
  const chi2 = draws.map((counts) => {
    const mean = sum(counts) / 4;
    return sum(counts.map((count) => (count - mean) ** 2 / mean));
  });
  expect(sum(chi2)).toBeLessThan(60);
});

test("h2-egress: each connection brings its share of the requests to its worker", async () => {
  const set = await shortened("h2-egress", "-modes default,exact_balance -reps 1 -qps 800 -t 1s -work 0");
  for (const { workers, actual, connections } of set.runs) {
    expect(connections).toHaveLength(8);
    expect(actual.requests).toBe(800);
    // 3 of 10 requests, and 1 of 10 for each of the other seven.
    for (const { slot, requests } of connections) expect(requests).toBe(slot === 0 ? 240 : 80);
    for (const worker of workers) expect(worker.requests).toBe(heldRequests(connections, worker.id));
  }
});

test("unequal-connections: exact_balance balances connections, and one worker has ten of sixteen requests", async () => {
  const set = await shortened("unequal-connections", "-modes exact_balance -reps 1 -t 1s -work 0");
  const [run] = set.runs as [Run];
  expect(run.workers.map(({ connections }) => connections)).toEqual([2, 2, 2, 2]);
  for (const { slot, requests, intendedShare } of run.connections) {
    expect(intendedShare).toBe(slot === 0 ? 9 / 16 : 1 / 16);
    expect(requests).toBe(1600 * intendedShare!);
  }
  for (const worker of run.workers) expect(worker.requests).toBe(heldRequests(run.connections, worker.id));
  const [{ connectionSkew, requestSkew }] = set.attribution!.perRun as [RunAttribution];
  expect(connectionSkew!.maxOverMean).toBe(1);
  expect(requestSkew!.maxOverMean).toBeCloseTo(4 * (10 / 16), 12);
});

test("phase: sixteen requests that start together wait for one another, and out of phase they do not", async () => {
  const short = "-reps 1 -t 3s";
  const inPhase = await shortened("phase", short);
  const outOfPhase = await shortened("phase", `${short} -uniform`);
  // Of 16 at once the k-th has k turns of work before its answer: the median 8, and the last 16.
  const workUs = inPhase.environment.work!.perRequestUs;
  const { p50, max } = quantilesOf(inPhase.runs[0]!);
  expect(p50).toBeGreaterThan(0.6 * 8 * workUs);
  expect(max).toBeGreaterThan(0.6 * 16 * workUs);
  expect(quantilesOf(outOfPhase.runs[0]!).p50).toBeLessThan(0.5 * p50);
});

test("remedy: side b's connections end after 100 requests, side a's never", async () => {
  const set = await shortened("remedy", "-modes reuse_port -reps 1 -c 4 -qps 1000 -t 1s -work 0");
  const opened = (side: string): number => set.runs.find((run) => run.side === side)!.socketsOpened;
  expect(opened("a")).toBe(4);
  // 1000 requests of at most 100 a connection, and at most one each is begun and not ended.
  expect(opened("b")).toBeGreaterThanOrEqual(10);
  expect(opened("b")).toBeLessThanOrEqual(14);
});

test("closed-vs-open: the backlog of a second of overload shows in the latency, not in the service time", async () => {
  const set = await shortened("closed-vs-open", "-reps 1");
  const [{ latency, serviceTime, actual }] = set.runs as [Run];
  expect(actual.requests).toBe(2 * 100 + 400 + 4 * 100);
  // (400 − 200) × 1 s are left over, and 200 are done in a second: the last of them waits for one.
  expect(latency.maxUs).toBeGreaterThan(0.9e6);
  expect(serviceTime.percentilesUs["50"]).toBeGreaterThanOrEqual(20_000);
  expect(serviceTime.percentilesUs["50"]).toBeLessThan(0.2 * latency.percentilesUs["90"]!);
});

test("sidecar-40: both Envoys show every connection and its workers, and the first's load is its connections'", async () => {
  const set = await shortened("sidecar-40", "-modes default,exact_balance -reps 1 -qps 400 -t 1s -work 0");
  for (const { hops, mode, workers, actual } of set.runs) {
    expect(hops.map(({ proof }) => proof.inEffect)).toEqual([mode, mode]);
    expect(hops[0]!.workers.map(({ connections }) => connections)).toEqual(
      workers.map(({ connections }) => connections),
    );
    expect(sum(workers.map(({ connections }) => connections))).toBe(40);
    if (mode === "exact_balance") expect(workers.map(({ connections }) => connections)).toEqual([20, 20]);
    // Each request went through both, and each of them answered it.
    expect(hops.map(({ counted }) => counted.requests)).toEqual([actual.requests, actual.requests]);
    const { matrix, unmapped, elsewhere, mapped, before } = hops[1]!.links!;
    expect([unmapped, elsewhere, before]).toEqual([0, 0, 0]);
    // At 400 a second for 15 ms and more there are six at once in the mean, and never more than 40.
    expect(mapped).toBeGreaterThanOrEqual(4);
    expect(mapped).toBeLessThanOrEqual(40);
    // A worker that was given no connection sends no request.
    for (const { id, connections } of workers)
      if (connections === 0)
        expect(sum(matrix.filter(({ from }) => from === id).map((pair) => pair.connections))).toBe(0);
  }
});

test("saturation: rate × latency is the number of connections, in each step and mode", async () => {
  const set = await shortened("saturation", "-modes reuse_port,exact_balance -c 1,8 -reps 1 -t 2s");
  const workUs = set.environment.work!.perRequestUs;
  expect(set.runs.map(({ step }) => step)).toEqual(["c=1", "c=1", "c=8", "c=8"]);
  for (const { requested, actual, latency } of set.runs) {
    // Little's law, of what was answered: connections = rate × latency, and no answer without its work.
    const inFlight = (actual.qps * latency.meanUs) / 1e6;
    expect(inFlight).toBeLessThan(1.1 * requested.connections);
    // Less only by what the driver takes from an answer to the next request.
    expect(inFlight).toBeGreaterThan(0.5 * requested.connections);
    expect(latency.percentilesUs["50"]).toBeGreaterThan(0.8 * workUs);
  }
});

async function shortened(profile: string, flags: string): Promise<ResultSet> {
  using directory = temporaryDirectory();
  const out = join(directory.path, "out.json");
  const args = ["run", "-profile", profile, ...flags.split(" "), "-seed", "1", "-quiet", "-no-save"];
  using run = start([...args, "-json", out], { cwd: directory.path });
  const { stderr } = await run.ended;
  expect(stderr).toBe("");
  return await readResultSet(out);
}

function heldRequests(connections: Run["connections"], worker: number): number {
  return sum(connections.filter((one) => one.worker === worker).map(({ requests }) => requests));
}

/** Connections of each worker, of each run in the mode. */
function held({ runs }: ResultSet, mode: string): number[][] {
  return runs
    .filter((run) => run.mode === mode)
    .map(({ workers }) => workers.map(({ connections }) => connections));
}

function requestsOf({ runs }: ResultSet, mode: string): number[][] {
  return runs
    .filter((run) => run.mode === mode)
    .map(({ workers }) => workers.map(({ requests }) => requests));
}

function quantilesOf({ latency }: Run): { p50: number; max: number } {
  return { p50: latency.percentilesUs["50"]!, max: latency.maxUs };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
