/**
 * Fortio's JSON, a file for each run, for its report pages and what reads its files. `DurationHistogram` is our latency,
 * from the intended start; Fortio itself counts from the actual one, so that its figures are our `MeshLoad.ServiceTime`.
 */

import type { LoadPlan } from "../plan/plan.ts";
import type { ResultSet, Run } from "../result/result.ts";
import type { Document } from "./document.ts";
import { fileName } from "./file-name.ts";
import { fortioHistogram } from "./fortio-histogram.ts";
import { groupOfRun } from "./groups.ts";

export function fortio(sets: readonly ResultSet[]): Document[] {
  return sets.flatMap((set) => set.runs.map((run) => documentOf(set, run)));
}

function documentOf(set: ResultSet, run: Run): Document {
  const id = fileName(set.id, groupOfRun(set, run), String(run.repetition + 1));
  const { load } = set.plan;
  const value = {
    RunType: "HTTP",
    Labels: [set.labels, groupOfRun(set, run), `run ${run.order + 1}`]
      .filter((part) => part !== "")
      .join(", "),
    StartTime: run.startedAt,
    RequestedQPS: run.requested.qps === 0 ? "max" : String(run.requested.qps),
    RequestedDuration: requestedDuration(run, load),
    ActualQPS: run.actual.qps,
    ActualDuration: Math.round(run.actual.durationS * 1e9),
    NumThreads: run.requested.connections,
    Version: `${set.tool.name} ${set.tool.version}`,
    DurationHistogram: fortioHistogram(run.latency),
    ErrorsDurationHistogram: fortioHistogram(run.failureLatency),
    Exactly: load.exactly ?? 0,
    Jitter: load.jitter,
    Uniform: load.uniform,
    NoCatchUp: load.nocatchup,
    RunID: set.plan.runId,
    AccessLoggerInfo: "",
    ID: id,
    RetCodes: retCodes(run),
    IPCountMap: run.addresses,
    URL: run.target.url,
    NumConnections: 1,
    H2: run.protocol === "h2",
    HTTP10: run.protocol === "http/1.0",
    ConnReuseRange:
      load.connectionReuse === null ? [0, 0] : [load.connectionReuse.least, load.connectionReuse.most],
    SequentialWarmup: load.connect === "serial",
    Resolve: load.resolve.join(","),
    DisableKeepAlive: !run.keepalive,
    HTTPReqTimeOut: Math.round(load.timeoutUs * 1e3),
    SocketCount: run.socketsOpened,
    ConnectionStats: fortioHistogram(run.connectTime),
    MeshLoad: {
      ResultSet: set.id,
      Run: run.order,
      Mode: run.mode,
      Durations: "latency",
      ServiceTime: fortioHistogram(run.serviceTime),
      Warnings: run.warnings,
    },
  };
  return { name: `${id}.json`, text: `${JSON.stringify(value, null, 2)}\n` };
}

/** As Fortio puts it: `5s`, `exactly 500 calls`, `until stop`. */
function requestedDuration({ requested }: Run, { exactly, durationUs }: LoadPlan): string {
  if (exactly !== null) return `exactly ${exactly} calls`;
  return durationUs === 0 ? "until stop" : `${requested.durationS}s`;
}

/** Statuses; `-1` are requests without a complete response. */
function retCodes({ statuses, censored }: Run): Record<string, number> {
  return censored.count === 0 ? { ...statuses } : { ...statuses, "-1": censored.count };
}
