/** JSON Schema (draft-07) of a result file; docs/result.schema.json is this, written out. */

import { modes } from "../plan/mode.ts";
import { schemaVersion } from "./result.ts";
import type {
  ConnectionResult,
  DispatcherDelay,
  Distribution,
  Environment,
  ModeProof,
  RequestKindResult,
  ResultSet,
  Run,
  SeriesPoint,
  SideEnvironment,
  StageResult,
  Work,
  WorkerResult,
} from "./result.ts";
import { attributionSchema } from "./schema-attribution.ts";
import { hopSchema } from "./schema-hops.ts";
import { maxRate } from "./schema-max-rate.ts";
import { planSchema } from "./schema-plan.ts";
import { stopCodes } from "./stop.ts";
import type { Stop } from "./stop.ts";
import {
  amount,
  bool,
  count,
  date,
  list,
  number,
  object,
  oneOf,
  optional,
  orNull,
  share,
  table,
  text,
  warningSchema,
} from "./schema-words.ts";

const distribution = { $ref: "#/definitions/distribution" };
const mappingMethod = oneOf(["epoll", "header", "unwind", "serial", "none"]);
const mode = orNull(oneOf(modes));

const definitions = {
  distribution: object<Distribution>(
    { histogram: text, count, meanUs: amount, maxUs: amount, percentilesUs: table(amount) },
    "Durations in microseconds; the histogram is HdrHistogram V2, compressed, base64, in nanoseconds.",
  ),
};

const dispatcher = object<DispatcherDelay>({
  pollDelayP50Us: amount,
  pollDelayP99Us: amount,
  loopDurationP50Us: amount,
  loopDurationP99Us: amount,
});

const worker = object<WorkerResult>({
  id: count,
  name: text,
  connections: count,
  requests: count,
  failures: count,
  cpuPercent: orNull(amount),
  latency: distribution,
  latencyWithoutLag: distribution,
  serviceTime: distribution,
  dispatcher: orNull(dispatcher),
});

const connection = optional<ConnectionResult>(
  object<ConnectionResult>({
    id: count,
    slot: count,
    thread: count,
    localPort: count,
    worker: orNull(count),
    openedAtUs: number,
    closedAtUs: orNull(number),
    retired: bool,
    intendedShare: share,
    requests: count,
    failures: count,
    tailRequests: count,
    p50Us: amount,
  }),
  "intendedShare",
);

const proof = object<ModeProof>({
  listener: orNull(text),
  configured: mode,
  inEffect: mode,
  reusePort: orNull(bool),
  sockets: orNull(count),
  descriptors: orNull(count),
  reason: text,
});

const mapping = object<Run["mapping"]>({
  method: mappingMethod,
  mapped: count,
  unmapped: count,
  checks: list(
    object<Run["mapping"]["checks"][number]>({ method: mappingMethod, compared: count, disagreed: count }),
  ),
  reason: text,
});

const point = object<SeriesPoint>({
  second: count,
  requests: count,
  failures: count,
  p50Us: orNull(amount),
  p99Us: orNull(amount),
  workers: list(
    object<SeriesPoint["workers"][number]>({
      id: count,
      connections: orNull(count),
      requests: orNull(count),
      cpuPercent: orNull(amount),
    }),
  ),
  steal: orNull(share),
  cpuPressure: orNull(share),
});

const stage = object<StageResult>({
  second: count,
  seconds: amount,
  fromQps: amount,
  toQps: amount,
  fromConnections: count,
  toConnections: count,
  requests: count,
  failures: count,
  latency: orNull(distribution),
  serviceTime: orNull(distribution),
  lag: orNull(distribution),
  workers: list(
    object<StageResult["workers"][number]>({
      id: count,
      requests: count,
      failures: count,
      latency: distribution,
    }),
  ),
});

const run = object<Run>({
  order: count,
  block: count,
  side: text,
  step: text,
  mode,
  repetition: count,
  startedAt: date,
  target: object<Run["target"]>({ kind: oneOf(["lab", "url"]), url: text, hop: text }),
  state: oneOf(["completed", "interrupted", "failed"]),
  stop: orNull(object<Stop>({ code: oneOf(stopCodes), message: text })),
  protocol: oneOf(["http/1.0", "http/1.1", "h2"]),
  keepalive: bool,
  requested: object<Run["requested"]>({ qps: amount, connections: count, durationS: amount }),
  requestKinds: list(
    object<RequestKindResult>({
      name: text,
      weight: count,
      count,
      failures: count,
      p50Us: amount,
      p99Us: amount,
    }),
  ),
  actual: object<Run["actual"]>({
    qps: amount,
    connections: count,
    durationS: amount,
    requests: count,
    driverCpuS: orNull(amount),
  }),
  statuses: table(count),
  failures: table(count),
  censored: object<Run["censored"]>({ count, youngestUs: amount, oldestUs: amount }),
  skipped: count,
  redirects: count,
  kernelTimed: count,
  socketsOpened: count,
  addresses: table(count),
  retired: count,
  openFailures: table(count),
  bytes: object<Run["bytes"]>({ sent: orNull(count), received: orNull(count) }),
  latency: distribution,
  latencyWithoutLag: distribution,
  serviceTime: distribution,
  blocked: distribution,
  lag: distribution,
  connectTime: distribution,
  tlsTime: distribution,
  tlsResumed: count,
  failureLatency: distribution,
  workers: list(optional<WorkerResult>(worker, "name")),
  connections: list(connection),
  tail: object<Run["tail"]>({
    quantile: share,
    thresholdUs: amount,
    blocks: list(
      object<Run["tail"]["blocks"][number]>({
        connection: { type: "integer", minimum: -1 },
        second: count,
        requests: count,
      }),
    ),
  }),
  proof,
  hops: list(hopSchema({ proof, dispatcher })),
  mapping: optional<Run["mapping"]>(mapping, "reason"),
  series: list(point),
  stages: list(stage),
  warnings: list(warningSchema),
});

const work = orNull(object<Work>({ perRequestUs: amount, baseUs: amount, iterations: count }));
const sideEnvironment = object<SideEnvironment>({ envoy: orNull(text), work });

const environment = object<Environment>({
  os: orNull(text),
  cpuModel: orNull(text),
  cpus: orNull(count),
  node: orNull(text),
  envoy: orNull(text),
  workers: orNull(count),
  work,
  sides: orNull(object<NonNullable<Environment["sides"]>>({ a: sideEnvironment, b: sideEnvironment })),
});

/** A whole result set, of this version and no other. */
export const resultSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "A mesh-load result set",
  ...object<ResultSet>({
    schemaVersion: { const: schemaVersion },
    methodVersion: { type: "integer", minimum: 1 },
    id: text,
    labels: text,
    startedAt: date,
    seed: { type: "integer" },
    tool: object<ResultSet["tool"]>({ name: oneOf(["mesh-load", "fortio"]), version: text }),
    environment,
    plan: planSchema,
    runs: list(run),
    maxRates: list(maxRate),
    attribution: orNull(attributionSchema),
  }),
  definitions,
};
