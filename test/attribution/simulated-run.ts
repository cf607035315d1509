/** Makes the `Run` that mesh-load would have written of a simulated target, and sets of them with their truth. */

import { Histogram } from "../../src/histogram.ts";
import type { Mode } from "../../src/plan/mode.ts";
import { seededRandom } from "../../src/random.ts";
import type { Random } from "../../src/random.ts";
import { toDistribution } from "../../src/result/distribution.ts";
import type { Distribution, Run } from "../../src/result/result.ts";
import { balancedTailUs, drawRun, exactQuantile, placements, serve, withoutLag } from "./simulated-target.ts";
import type { Draws, Scenario, Served } from "./simulated-target.ts";

export interface RunLabels {
  readonly order: number;
  readonly mode: Mode | null;
  readonly repetition?: number;
  readonly quantile?: number;
  readonly keepalive?: boolean;
}

const nothing: Distribution = { histogram: "", count: 0, meanUs: 0, maxUs: 0, percentilesUs: {} };

/** The run of `served`, with `placement[connection]` = worker. */
export function simulatedRun(
  draws: Pick<Draws, "scenario" | "slotOf">,
  { served, placement }: { served: Served; placement: readonly number[] },
  { order, mode, repetition = 0, quantile = 0.99, keepalive = true }: RunLabels,
): Run {
  const { scenario } = draws;
  const requests = served.latencyUs.length;
  const workerOf = served.connection.map((connection) => placement[connection]!);
  const latency = distributionsOf(served.latencyUs, workerOf, scenario.workers);
  const latencyWithoutLag =
    scenario.lag === undefined ? latency : distributionsOf(withoutLag(served), workerOf, scenario.workers);
  const tail = tailOf(served, exactQuantile(served.latencyUs, quantile));
  const slowOf = new Uint32Array(scenario.connections);
  for (const { connection, requests } of tail.blocks) slowOf[connection]! += requests;
  const perConnection = new Uint32Array(scenario.connections);
  for (let row = 0; row < requests; row++) perConnection[served.connection[row]!]!++;
  const qps = requests / scenario.durationS;
  return {
    order,
    block: repetition,
    side: "",
    step: "",
    mode,
    repetition,
    startedAt: "2026-01-01T00:00:00.000Z",
    target: { kind: mode === null ? "url" : "lab", url: "http://127.0.0.1:8080/", hop: "" },
    state: "completed",
    stop: null,
    stages: [],
    protocol: "http/1.1",
    keepalive,
    requested: { qps: scenario.qps, connections: scenario.connections, durationS: scenario.durationS },
    actual: {
      qps,
      connections: scenario.connections,
      durationS: scenario.durationS,
      requests,
      driverCpuS: 1,
    },
    statuses: { "200": requests },
    failures: {},
    censored: { count: 0, youngestUs: 0, oldestUs: 0 },
    skipped: 0,
    redirects: 0,
    kernelTimed: 0,
    addresses: {},
    retired: 0,
    openFailures: {},
    requestKinds: [],
    hops: [],
    socketsOpened: scenario.connections,
    bytes: { sent: 0, received: 0 },
    latency: latency.all,
    latencyWithoutLag: latencyWithoutLag.all,
    serviceTime: nothing,
    blocked: nothing,
    lag: nothing,
    connectTime: nothing,
    tlsTime: nothing,
    tlsResumed: 0,
    failureLatency: nothing,
    workers: served.busyUs.map((busyUs, id) => ({
      id,
      connections: placement.filter((worker) => worker === id).length,
      requests: latency.perWorker[id]!.count,
      failures: 0,
      cpuPercent: busyUs / scenario.durationS / 1e4,
      latency: latency.perWorker[id]!,
      latencyWithoutLag: latencyWithoutLag.perWorker[id]!,
      serviceTime: nothing,
      dispatcher: null,
    })),
    connections: draws.slotOf.map((slot, id) => ({
      id,
      slot,
      thread: 0,
      localPort: 20_000 + id,
      worker: placement[id]!,
      openedAtUs: -1000,
      closedAtUs: null,
      retired: false,
      ...intendedShareOf(scenario, id),
      failures: 0,
      p50Us: 0,
      requests: perConnection[id]!,
      tailRequests: slowOf[id]!,
    })),
    tail: { quantile, ...tail },
    proof: {
      listener: null,
      configured: mode,
      inEffect: mode,
      reusePort: null,
      sockets: null,
      descriptors: null,
      reason: "simulated",
    },
    mapping: { method: "header", mapped: scenario.connections, unmapped: 0, checks: [] },
    series: [],
    warnings: [],
  };
}

/** The first connection is the heavy one, where there is one. */
function intendedShareOf({ connections, heavyTimes }: Scenario, id: number): { intendedShare?: number } {
  if (heavyTimes === undefined) return {};
  return { intendedShare: (id === 0 ? heavyTimes : 1) / (connections - 1 + heavyTimes) };
}

function distributionsOf(
  values: Float64Array,
  workerOf: Uint32Array,
  workers: number,
): { all: Distribution; perWorker: Distribution[] } {
  const histograms = Array.from({ length: workers }, () => new Histogram());
  for (let row = 0; row < values.length; row++) histograms[workerOf[row]!]!.record(Math.max(0, values[row]!));
  const all = new Histogram();
  for (const histogram of histograms) all.add(histogram);
  return {
    all: toDistribution(all, []),
    perWorker: histograms.map((histogram) => toDistribution(histogram, [])),
  };
}

function tailOf(served: Served, thresholdUs: number): Omit<Run["tail"], "quantile"> {
  const blocks = new Map<string, { connection: number; second: number; requests: number }>();
  for (let row = 0; row < served.latencyUs.length; row++) {
    if (served.latencyUs[row]! <= thresholdUs) continue;
    const [connection, second] = [served.connection[row]!, served.second[row]!];
    const key = `${connection}:${second}`;
    const block = blocks.get(key);
    if (block === undefined) blocks.set(key, { connection, second, requests: 1 });
    else block.requests++;
  }
  return { thresholdUs, blocks: [...blocks.values()] };
}

/** A run and what is true of it, in microseconds at the quantile. */
export interface KnownRun {
  readonly run: Run;
  readonly tailUs: number;
  readonly lagFreeTailUs: number;
  /** Of the same draws under balanced placement, averaged over so many random assignments. */
  readonly balancedTailUs: (assignments: number) => number;
}

export interface SetPlan {
  readonly modes: readonly Mode[];
  readonly repetitions: number;
  readonly seed: number;
  readonly quantile?: number;
}

const placementOf: Readonly<Record<Mode, (scenario: Scenario, random: Random) => number[]>> = {
  default: placements.clumped,
  reuse_port: placements.multinomial,
  exact_balance: placements.balanced,
  cpu_locality_balance: placements.multinomial,
};

/** Modes × repetitions on the simulated target, in the order of repetitions, each with its truth. */
export function simulatedSet(scenario: Scenario, plan: SetPlan): KnownRun[] {
  const { modes, repetitions, seed, quantile = 0.99 } = plan;
  const random = seededRandom(seed, "placements");
  const known: KnownRun[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++)
    for (const mode of modes) {
      const draws = drawRun(scenario, seed, `${mode} ${repetition}`);
      const placement = placementOf[mode](scenario, random);
      const served = serve(draws, placement);
      known.push({
        run: simulatedRun(draws, { served, placement }, { order: known.length, mode, repetition, quantile }),
        tailUs: exactQuantile(served.latencyUs, quantile),
        lagFreeTailUs: exactQuantile(withoutLag(served), quantile),
        balancedTailUs: (assignments) => balancedTailUs(draws, { quantile, assignments, seed }),
      });
    }
  return known;
}
