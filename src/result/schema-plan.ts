/** The plan's part of the schema of the result file. */

import { modes } from "../plan/mode.ts";
import type {
  BootstrapPlan,
  ConnectionLimits,
  ConnectionWeight,
  HopPlan,
  LabPlan,
  LabSidePlan,
  LoadPlan,
  Plan,
  ProxyPlan,
  RequestKindPlan,
  RequestPlan,
  ScrapePlan,
  SearchPlan,
  StagePlan,
  TargetPlan,
  TlsPlan,
  UpstreamPlan,
} from "../plan/plan.ts";
import { amount, bool, count, list, object, oneOf, optional, orNull, share, text } from "./schema-words.ts";

const upstream = object<UpstreamPlan>({
  protocol: oneOf(["http/1.1", "h2c"]),
  delayUs: amount,
  sizeBytes: count,
  status: count,
});

const work = { anyOf: [{ const: "auto" }, amount] };

const limits = object<ConnectionLimits>({ maxRequests: orNull(count), maxDurationUs: orNull(amount) });

const labSide = object<LabSidePlan>({
  envoy: orNull(text),
  workUs: { anyOf: [{ type: "null" }, { const: "auto" }, amount] },
  limits,
  upstream: orNull(upstream),
});

const lab = object<LabPlan>({
  modes: list(oneOf(modes)),
  workers: count,
  workUs: work,
  envoy: orNull(text),
  limits,
  upstream: orNull(upstream),
  tls: bool,
  hops: count,
  sides: orNull(
    object<NonNullable<LabPlan["sides"]>>({
      a: optional<LabSidePlan>(labSide, "limits"),
      b: optional<LabSidePlan>(labSide, "limits"),
    }),
  ),
});

const hop = object<HopPlan>({ admin: orNull(text), pid: orNull(count), listener: orNull(text) });

const bootstrap = object<BootstrapPlan>({ file: text, envoy: orNull(text), workers: count });

const target = object<TargetPlan>({
  name: text,
  side: oneOf(["", "a", "b"]),
  mode: orNull(oneOf(modes)),
  url: text,
  bootstrap,
  admin: orNull(text),
  pid: orNull(count),
  listener: orNull(text),
  hops: list(hop),
});

const requestFields = {
  method: text,
  headers: list({ type: "array", items: text, minItems: 2, maxItems: 2 }),
  body: orNull(text),
};
const request = object<RequestPlan>(requestFields);
const requestKind = object<RequestKindPlan>({
  name: text,
  weight: count,
  path: orNull(text),
  ...requestFields,
});

const tls = object<TlsPlan>({
  insecure: bool,
  cacert: orNull(text),
  cert: orNull(text),
  key: orNull(text),
  serverName: orNull(text),
  resume: bool,
});

const load = object<LoadPlan>({
  qps: amount,
  connections: count,
  connectionWeights: list(object<ConnectionWeight>({ connections: count, weight: count })),
  stages: list(
    object<StagePlan>({
      durationUs: amount,
      fromQps: amount,
      toQps: amount,
      fromConnections: count,
      toConnections: count,
    }),
  ),
  durationUs: amount,
  exactly: orNull(count),
  warmupUs: amount,
  keepalive: bool,
  client: oneOf(["fast", "standard"]),
  followRedirects: bool,
  compression: bool,
  proxies: orNull(object<ProxyPlan>({ http: orNull(text), https: orNull(text), except: list(text) })),
  protocol: oneOf(["http/1.0", "http/1.1", "h2"]),
  streams: count,
  timeoutUs: amount,
  arrivals: oneOf(["fixed", "poisson"]),
  uniform: bool,
  jitter: bool,
  nocatchup: bool,
  abortOn: orNull({ type: "integer" }),
  allowInitialErrors: bool,
  pacing: oneOf(["precise", "coarse", "spin"]),
  threads: count,
  connect: { anyOf: [oneOf(["burst", "serial"]), amount] },
  connectionReuse: orNull(object<NonNullable<LoadPlan["connectionReuse"]>>({ least: count, most: count })),
  unixSocket: orNull(text),
  resolve: list(text),
  resolveIpType: orNull(oneOf(["ip4", "ip6", "ip"])),
  dnsMethod: oneOf(["cached-rr", "first"]),
  linger0: bool,
  localAddresses: list(text),
  tls: orNull(tls),
  request,
  requests: list(requestKind),
});

export const planSchema = object<Plan>(
  {
    labels: text,
    runId: count,
    seed: { type: "integer" },
    lab: orNull(optional<LabPlan>(lab, "limits", "hops")),
    targets: list(optional<TargetPlan>(target, "bootstrap", "hops")),
    repetitions: count,
    load,
    sweep: list(count),
    search: orNull(
      object<SearchPlan>({
        objectives: list(text),
        startQps: amount,
        leastQps: amount,
        mostQps: amount,
        resolution: share,
      }),
    ),
    scrape: object<ScrapePlan>({ intervalMs: amount }),
    map: oneOf(["auto", "epoll", "header", "unwind", "serial", "none"]),
    workerHeader: text,
    tailQuantile: share,
    percentiles: list({ type: "number", minimum: 0, maximum: 100 }),
  },
  "What the experiment was asked to do, every default resolved. Values of secret headers are redacted.",
);
