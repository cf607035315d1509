/** Synthetic loads for tests: rows as objects, turned into the driver's columns. */

import { exampleLoad } from "../plan/example-load.ts";
import { noConnection } from "../../src/result/load.ts";
import type { Load, LoadConnection, Samples } from "../../src/result/load.ts";
import type { LoadPlan } from "../../src/plan/plan.ts";
import type { Mapping } from "../../src/result/mapping.ts";
import type { Observation } from "../../src/result/observation.ts";
import type { RunParts } from "../../src/result/run-parts.ts";

export interface Row {
  readonly latencyUs: number;
  readonly blockedUs?: number;
  readonly lagUs?: number;
  /** Row of the connection; none where absent. */
  readonly connection?: number;
  readonly second?: number;
  readonly outcome?: number;
}

function toSamples(rows: readonly Row[]): Samples {
  return {
    count: rows.length,
    latencyUs: Float32Array.from(rows, (row) => row.latencyUs),
    blockedUs: Float32Array.from(rows, (row) => row.blockedUs ?? 0),
    lagUs: Float32Array.from(rows, (row) => row.lagUs ?? 0),
    connection: Uint32Array.from(rows, (row) => row.connection ?? noConnection),
    second: Uint32Array.from(rows, (row) => row.second ?? 0),
    outcome: Uint16Array.from(rows, (row) => row.outcome ?? 200),
  };
}

/** The monotonic time at which every synthetic load starts. */
export const startedAtUs = 7e9;

export function connectionRow(id: number, override: Partial<LoadConnection> = {}): LoadConnection {
  return {
    id,
    slot: id,
    thread: 0,
    localPort: 40_000 + id,
    localAddress: "127.0.0.1",
    remoteAddress: "127.0.0.1",
    openedAtUs: startedAtUs - 10_000 + id,
    closedAtUs: null,
    retired: false,
    connectTimeUs: 100 + id,
    tlsTimeUs: null,
    resumed: false,
    headerWorker: null,
    ...override,
  };
}

export function createLoad(rows: readonly Row[], override: Partial<Load> = {}): Load {
  return {
    stop: null,
    startedAtUs,
    durationUs: 1e6,
    samples: toSamples(rows),
    connections: [],
    requestKinds: [],
    skipped: 0,
    connectFailures: {},
    tlsFailures: {},
    bytesSent: rows.length * 50,
    bytesReceived: rows.length * 200,
    driverCpuS: 0.2,
    busiestThread: 0.2,
    warmup: { sent: 0, answered: 0, redirects: 0 },
    redirects: 0,
    kernelTimed: 0,
    ...override,
  };
}

export const loadPlan: LoadPlan = { ...exampleLoad, connections: 2, timeoutUs: 3e6 };

export const nothingObserved: Observation = {
  envoy: null,
  proof: {
    listener: null,
    configured: null,
    inEffect: null,
    reusePort: null,
    sockets: null,
    descriptors: null,
    reason: "no admin address was given",
  },
  workers: [],
  seconds: [],
  counted: { connections: null, requests: null },
  times: null,
  warnings: [],
};

export const nothingMapped: Mapping = {
  method: "none",
  workerOf: new Map(),
  checks: [],
  reason: "none was tried",
};

export function runParts(load: Load, override: Partial<RunParts> = {}): RunParts {
  return {
    identity: {
      order: 0,
      block: 0,
      side: "",
      step: "",
      repetition: 0,
      startedAt: "2025-01-02T03:04:05.000Z",
    },
    target: { kind: "url", url: "http://127.0.0.1:8080/", hop: "", mode: null },
    plan: loadPlan,
    load,
    observation: nothingObserved,
    behind: [],
    mapping: nothingMapped,
    tailQuantile: 0.99,
    percentiles: [],
    ...override,
  };
}
