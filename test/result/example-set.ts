/** A result set as the lab would give it: three modes, three repetitions, synthetic samples through `createRun`. Seeded. */

import type { Mode } from "../../src/plan/mode.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { seededRandom } from "../../src/random.ts";
import { createRun } from "../../src/result/create-run.ts";
import { outcomeOf } from "../../src/result/load.ts";
import { methodVersion, schemaVersion } from "../../src/result/result.ts";
import type { ModeProof, ResultSet, Run } from "../../src/result/result.ts";
import { createWarning } from "../../src/result/warnings.ts";
import { exampleAttribution } from "./example-attribution.ts";
import {
  connectionRow,
  createLoad,
  loadPlan,
  nothingMapped,
  nothingObserved,
  runParts,
  startedAtUs,
} from "./samples.ts";
import type { Row } from "./samples.ts";

const connections = 128;
const qps = 3000;
const seconds = 2;

const plan: Plan = {
  labels: "example set",
  runId: 0,
  seed: 7,
  lab: {
    modes: ["default", "reuse_port", "exact_balance"],
    workers: 2,
    workUs: "auto",
    envoy: null,
    upstream: null,
    tls: false,
    sides: null,
  },
  targets: (["default", "reuse_port", "exact_balance"] as const).map((mode, i) => ({
    name: mode,
    side: "",
    mode,
    url: `http://127.0.0.1:${10_000 + i}/`,
    admin: "http://127.0.0.1:9901",
    pid: 4242,
    listener: mode,
  })),
  repetitions: 3,
  load: {
    ...loadPlan,
    qps,
    connections,
    durationUs: seconds * 1e6,
    request: { method: "GET", headers: [["user-agent", "mesh-load"]], body: null },
  },
  sweep: [],
  search: null,
  scrape: { intervalMs: 1000 },
  map: "auto",
  workerHeader: "x-envoy-worker",
  tailQuantile: 0.99,
  percentiles: [],
};

/** Connections of worker_0 in each run, of 128. */
const held: Readonly<Record<Mode, readonly number[]>> = {
  default: [106, 98, 112],
  reuse_port: [70, 61, 75],
  exact_balance: [64, 64, 64],
  cpu_locality_balance: [64, 64, 64],
};

/** The whole example. `runs` go in the order in which they were driven. */
export function exampleSet(): ResultSet {
  const order = [0, 1, 2].flatMap((block) => rotated(block).map((mode) => ({ mode, block })));
  const runs = order.map(({ mode, block }, position) => labRun(mode, { block, position }));
  return { ...setOf(runs, plan), attribution: exampleAttribution(runs) };
}

/** One run on a URL of which nothing else is known, with failures: Fortio's way of use. */
export function urlSet(override: { load?: Partial<Plan["load"]>; fails?: boolean } = {}): ResultSet {
  const random = seededRandom(3, "url");
  const load = { ...loadPlan, qps: 200, connections: 4, durationUs: 5e6, ...override.load };
  const rows = Array.from({ length: 1000 }, (_, i): Row => {
    const age = override.fails === true && i % 100 === 99;
    const latencyUs = age ? 3e6 : 900 - 400 * Math.log(1 - random());
    const outcome = age ? outcomeOf("timeout") : override.fails === true && i % 40 === 39 ? 503 : 200;
    return { latencyUs, lagUs: 90, connection: i % 4, second: Math.floor(i / 200), outcome };
  });
  const run = createRun(
    runParts(
      createLoad(rows, {
        connections: [0, 1, 2, 3].map((id) => connectionRow(id)),
        durationUs: load.durationUs,
      }),
      { plan: load, target: { kind: "url", url: "http://127.0.0.1:8080/echo", hop: "", mode: null } },
    ),
  );
  const target = {
    name: "127.0.0.1:8080",
    side: "" as const,
    mode: null,
    url: "http://127.0.0.1:8080/echo",
    admin: null,
    pid: null,
    listener: null,
  };
  const set = setOf([run], { ...plan, labels: "", lab: null, targets: [target], repetitions: 1, load });
  return { ...set, environment: { ...set.environment, envoy: null, workers: null, work: null } };
}

/** That run against each of these URLs, of which nothing else is known. */
export function urlsSet(urls: readonly string[]): ResultSet {
  const set = urlSet();
  const [target] = set.plan.targets;
  const [run] = set.runs;
  return {
    ...set,
    plan: { ...set.plan, targets: urls.map((url) => ({ ...target!, url, name: new URL(url).host })) },
    runs: urls.map((url, order) => ({ ...run!, order, target: { ...run!.target, url } })),
  };
}

/** Two gateways whose names are longer than a cell, and alike at first. */
export const gateways = ["istio-ingressgateway.istio-system", "istio-ingressgateway.istio-canary"] as const;

/** The same run with a load of two stages: the second without figures, as above the cap of kept samples. */
export function stagedSet(): ResultSet {
  const set = urlSet();
  const run = set.runs[0]!;
  const unknown = { latency: null, serviceTime: null, lag: null, workers: [] };
  const worker = { id: 3, requests: 150, failures: 0, latency: run.serviceTime };
  const { latency, serviceTime, lag } = run;
  const first = { second: 0, seconds: 2, fromQps: 100, toQps: 100, fromConnections: 8, toConnections: 8 };
  const then = { second: 2, seconds: 3, fromQps: 100, toQps: 900, fromConnections: 8, toConnections: 16 };
  const stages = [
    { ...first, requests: 200, failures: 0, latency, serviceTime, lag, workers: [worker] },
    { ...then, ...unknown, requests: 1500, failures: 1 },
  ];
  return { ...set, runs: [{ ...run, stages, mapping: { ...run.mapping, mapped: 4, unmapped: 0 } }] };
}

function setOf(runs: readonly Run[], setPlan: Plan): ResultSet {
  return {
    schemaVersion,
    methodVersion,
    id: "2025-01-02-030405_example_set",
    labels: setPlan.labels,
    startedAt: "2025-01-02T03:04:05.000Z",
    seed: setPlan.seed,
    tool: { name: "mesh-load", version: "0.1.0" },
    environment: {
      os: "Linux 6.8.0 x64",
      cpuModel: "Example CPU",
      cpus: 2,
      node: "v26.10.0",
      envoy: "1.40.0",
      workers: 2,
      work: { perRequestUs: 250, baseUs: 41.5, iterations: 5200 },
      sides: null,
    },
    plan: setPlan,
    runs,
    maxRates: [],
    attribution: null,
  };
}

function labRun(mode: Mode, { block, position }: { block: number; position: number }): Run {
  const onFirst = held[mode][block]!;
  const workerOf = new Map(Array.from({ length: connections }, (_, id) => [id, id < onFirst ? 0 : 1]));
  const cpus = [onFirst, connections - onFirst].map((own) => Math.round((own / connections) * 900) / 10);
  const noisy = block === 2 ? [createWarning("noisy-machine", "CPU pressure reached 31 %")] : [];
  return createRun({
    identity: {
      order: position,
      block,
      side: "",
      step: "",
      repetition: block,
      startedAt: "2025-01-02T03:04:05.000Z",
    },
    target: {
      kind: "lab",
      url: `http://127.0.0.1:${10_000 + plan.targets.findIndex((one) => one.mode === mode)}/`,
      hop: "",
      mode,
    },
    behind: [],
    plan: plan.load,
    load: createLoad(labRows(mode, block, onFirst), {
      durationUs: seconds * 1e6,
      connections: Array.from({ length: connections }, (_, id) => connectionRow(id)),
      driverCpuS: 0.52,
    }),
    observation: {
      ...nothingObserved,
      envoy: { version: "1.40.0", concurrency: 2 },
      proof: proofOf(mode),
      workers: [0, 1].map((id) => ({
        id,
        cpuPercent: cpus[id]!,
        connectionsOpened: id === 0 ? onFirst : connections - onFirst,
        dispatcher: {
          pollDelayP50Us: 12,
          pollDelayP99Us: 480,
          loopDurationP50Us: 55,
          loopDurationP99Us: 900,
        },
      })),
      seconds: [1, 2].map((second) => ({
        atUs: startedAtUs + second * 1e6,
        workers: [0, 1].map((id) => ({
          id,
          connections: id === 0 ? onFirst : connections - onFirst,
          cpuPercent: cpus[id]!,
        })),
        steal: 0.01,
        cpuPressure: block === 2 ? 0.31 : 0.04,
      })),
      counted: { connections, requests: qps * seconds },
      warnings: noisy,
    },
    mapping: {
      ...nothingMapped,
      method: "epoll",
      workerOf,
      checks: [{ method: "header", compared: connections, disagreed: 0 }],
    },
    tailQuantile: 0.99,
    percentiles: [],
  });
}

/** Latencies as queues give them: the mean grows with 1 ÷ (1 − load of the connection's worker). */
function labRows(mode: Mode, block: number, onFirst: number): Row[] {
  const random = seededRandom(block, mode);
  return Array.from({ length: qps * seconds }, (_, i) => {
    const connection = i % connections;
    const own = connection < onFirst ? onFirst : connections - onFirst;
    const waitUs = (-300 * Math.log(1 - random())) / (1 - (0.95 * own) / connections);
    const blockedUs = random() < 0.2 ? waitUs * random() * 0.5 : 0;
    const lagUs = 60 - 60 * Math.log(1 - random());
    return { latencyUs: 250 + waitUs + lagUs, blockedUs, lagUs, connection, second: Math.floor(i / qps) };
  });
}

function proofOf(mode: Mode): ModeProof {
  const reusePort = mode === "reuse_port";
  return {
    listener: mode,
    configured: mode,
    inEffect: mode,
    reusePort,
    sockets: reusePort ? 2 : 1,
    descriptors: 2,
    reason: reusePort ? "2 sockets, one a worker" : "1 socket, shared by 2 descriptors",
  };
}

function rotated(by: number): Mode[] {
  const all: Mode[] = ["default", "reuse_port", "exact_balance"];
  return [...all.slice(by), ...all.slice(0, by)];
}
