/**
 * A result of Fortio as a result set of one run. What it cannot know is `null`, empty or a warning: Fortio times a request
 * from when it was sent, so that its figures are service times, and there is no latency from the intended start.
 */

import { plannedUs } from "../plan/amount-plan.ts";
import { longestTimerUs } from "../plan/duration.ts";
import { createPlan } from "../plan/create-plan.ts";
import type { Plan } from "../plan/plan.ts";
import { formatMicros, parseDurationUs } from "../units.ts";
import { bucketOfPercentile, fortioDistribution } from "./fortio-distribution.ts";
import type { FortioFile } from "./fortio-file.ts";
import { laterInRun } from "./older-files.ts";
import { methodVersion, schemaVersion } from "./result.ts";
import type { Distribution, ResultSet, Run } from "./result.ts";
import { toDistribution } from "./distribution.ts";
import { Histogram } from "../histogram.ts";
import { createWarning } from "./warnings.ts";
import type { Warning } from "./warnings.ts";

/** @throws MeshLoadError PLAN_IMPOSSIBLE where the file says what Fortio could not have done */
export function fortioResultSet(file: FortioFile): ResultSet {
  const plan = planOf(file);
  const startedAt = new Date(file.StartTime).toISOString();
  return {
    schemaVersion,
    methodVersion,
    id: file.ID ?? startedAt.replaceAll(/[:.]/g, ""),
    labels: file.Labels,
    startedAt,
    seed: plan.seed,
    tool: { name: file.MeshLoad === undefined ? "fortio" : "mesh-load", version: file.Version },
    environment: {
      os: null,
      cpuModel: null,
      cpus: null,
      node: null,
      envoy: null,
      workers: null,
      work: null,
      sides: null,
    },
    plan,
    runs: [runOf(file, plan, startedAt)],
    maxRates: [],
    attribution: null,
  };
}

const isGrpc = ({ RunType }: FortioFile): boolean => RunType.startsWith("GRPC");

function targetUrl({ URL: url, Destination }: FortioFile): string {
  const named = url ?? Destination ?? "";
  return /^https?:\/\//.test(named) ? named : `http://${named === "" ? "unknown" : named}`;
}

/** What was asked for, as far as the file tells; headers and bodies may be secret and are left out. */
function planOf(file: FortioFile): Plan {
  const exactly = file.Exactly ?? 0;
  const duration = parseDurationUs(file.RequestedDuration) === undefined ? "0" : file.RequestedDuration;
  return createPlan({
    flags: {
      labels: file.Labels,
      targets: [{ url: targetUrl(file) }],
      map: "none",
      load: {
        qps: qpsOf(file),
        connections: file.NumThreads,
        ...(exactly > 0 ? { exactly } : { duration }),
        keepalive: !(file.DisableKeepAlive ?? false),
        protocol: isGrpc(file) || file.H2 === true ? "h2" : "http/1.1",
        uniform: file.Uniform ?? false,
        jitter: file.Jitter ?? false,
        nocatchup: file.NoCatchUp ?? false,
        timeout: `${timeoutUs(file)}us`,
        allowInitialErrors: true,
      },
    },
    freshSeed: 0,
  });
}

/** Go's timers wait longer than ours. */
const timeoutUs = ({ HTTPReqTimeOut = 3e9 }: FortioFile): number =>
  Math.min(longestTimerUs, Math.max(1, Math.round(HTTPReqTimeOut / 1e3)));

const qpsOf = ({ RequestedQPS }: FortioFile): number =>
  Number(RequestedQPS === "max" ? 0 : RequestedQPS) || 0;

function runOf(file: FortioFile, plan: Plan, startedAt: string): Run {
  const { DurationHistogram: durations, ErrorsDurationHistogram: errors, MeshLoad } = file;
  const unanswered = file.RetCodes["-1"] ?? 0;
  const answered = durations.Count - unanswered;
  const durationS = file.ActualDuration / 1e9;
  const connections = file.SocketCount ?? file.NumThreads;
  return {
    ...laterInRun,
    order: 0,
    block: 0,
    side: "",
    step: "",
    mode: null,
    repetition: 0,
    startedAt,
    target: { kind: "url", url: targetUrl(file), hop: "" },
    ...endOf(file),
    protocol: plan.load.protocol,
    keepalive: plan.load.keepalive,
    requested: {
      qps: qpsOf(file),
      connections: file.NumThreads,
      durationS: (plannedUs(plan.load) ?? 0) / 1e6,
    },
    actual: {
      qps: durations.Count === 0 ? 0 : (file.ActualQPS * answered) / durations.Count,
      connections: file.NumThreads,
      durationS,
      requests: answered,
      driverCpuS: null,
    },
    ...outcomesOf(file),
    censored: {
      count: unanswered,
      youngestUs: unanswered === 0 ? 0 : (errors?.Min ?? 0) * 1e6,
      oldestUs: unanswered === 0 ? 0 : (errors?.Max ?? 0) * 1e6,
    },
    skipped: 0,
    socketsOpened: connections,
    addresses: file.IPCountMap ?? {},
    bytes: { sent: null, received: null },
    latency: MeshLoad === undefined ? nothing : fortioDistribution(durations),
    latencyWithoutLag: nothing,
    serviceTime: fortioDistribution(MeshLoad?.ServiceTime ?? durations),
    blocked: nothing,
    lag: nothing,
    connectTime: file.ConnectionStats === undefined ? nothing : fortioDistribution(file.ConnectionStats),
    tlsTime: nothing,
    failureLatency: errors === undefined ? nothing : fortioDistribution(errors),
    workers: [],
    connections: [],
    tail: { quantile: plan.tailQuantile, thresholdUs: 0, blocks: [] },
    proof: {
      listener: null,
      configured: null,
      inEffect: null,
      reusePort: null,
      sockets: null,
      descriptors: null,
      reason: "a Fortio file says nothing of the listener",
    },
    mapping: { method: "none", mapped: 0, unmapped: connections, checks: [] },
    series: [],
    warnings: doubtsOf(file),
  };
}

const nothing: Distribution = toDistribution(new Histogram(), []);

function endOf({ RequestedDuration }: FortioFile): Pick<Run, "state" | "stop"> {
  if (!RequestedDuration.includes("interrupted")) return { state: "completed", stop: null };
  return { state: "interrupted", stop: { code: "interrupted", message: RequestedDuration } };
}

/** Fortio's −1 is a request without complete response, for a reason that it does not tell. */
function outcomesOf({ RetCodes }: FortioFile): Pick<Run, "statuses" | "failures"> {
  const codes = Object.entries(RetCodes).filter(([, count]) => count > 0);
  const failed = codes.filter(([code]) => code === "ERROR" || code === "NOT_SERVING" || Number(code) >= 400);
  const errors = failed.reduce((sum, [, count]) => sum + count, 0);
  const unanswered = RetCodes["-1"] ?? 0;
  return {
    statuses: Object.fromEntries(codes.filter(([code]) => code !== "-1")),
    failures: {
      ...(errors === 0 ? {} : { "http-error": errors }),
      ...(unanswered === 0 ? {} : { unanswered }),
    },
  };
}

function doubtsOf(file: FortioFile): Warning[] {
  const p99 = bucketOfPercentile(file.DurationHistogram, 99);
  return [
    ...(file.MeshLoad === undefined
      ? [
          createWarning(
            "service-time-only",
            "Fortio times a request from when it was sent, not from when it was due: latency, blocked, lag and workers are not known",
          ),
        ]
      : []),
    ...(p99 === null || p99[1] <= p99[0] * 1.02
      ? []
      : [
          createWarning(
            "buckets-wide",
            `p99 is only known to lie between ${formatMicros(p99[0])} and ${formatMicros(p99[1])}: Fortio counts in buckets`,
          ),
        ]),
  ];
}
