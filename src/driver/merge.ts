/** The threads' reports as one load: nothing is lost, and the order of the reports does not matter to any figure. */

import type { KindTally, Load, Samples } from "../result/load.ts";
import type { Stop } from "../result/stop.ts";
import { mergeCoarse, moved } from "./merge-coarse.ts";
import type { ThreadReport } from "./messages.ts";

export interface MergeContext {
  readonly startedAtUs: number;
  /** How long it was to start requests, or `null` where it lasts until its last request is done. */
  readonly plannedUs: number | null;
  readonly driverCpuS: number;
  readonly openFailures: Readonly<Record<string, number>>;
  /** What ended it before its time, and when; `null` where nothing did. */
  readonly stopped: { readonly stop: Stop; readonly atUs: number } | null;
}

export function mergeReports(reports: readonly ThreadReport[], context: MergeContext): Load {
  const { startedAtUs, plannedUs, driverCpuS, openFailures } = context;
  // A stop that came when all had already ended cut nothing short.
  const stopped = reports.some((report) => report.cutShort) ? context.stopped : null;
  const endedAtUs = stopped?.atUs ?? Math.max(...reports.map((report) => report.endedAtUs));
  const lastedUs = Math.max(0, endedAtUs - startedAtUs);
  return {
    stop: stopped?.stop ?? null,
    startedAtUs,
    // What is in flight at the end of the schedule, or at a stop, is waited for: that time is none of the load's.
    durationUs: stopped === null ? (plannedUs ?? lastedUs) : Math.min(plannedUs ?? Infinity, lastedUs),
    samples: concatenate(reports),
    requestKinds: mergeKinds(reports),
    connections: reports.flatMap((report) => report.connections),
    connectFailures: openFailures,
    tlsFailures: sumTables(reports.map((report) => report.tlsFailures)),
    skipped: sum(reports, (report) => report.skipped),
    warmup: {
      sent: sum(reports, ({ warmup }) => warmup.sent),
      answered: sum(reports, ({ warmup }) => warmup.answered),
      redirects: sum(reports, ({ warmup }) => warmup.redirects),
    },
    redirects: sum(reports, (report) => report.redirects),
    kernelTimed: sum(reports, (report) => report.kernelTimed),
    bytesSent: sum(reports, (report) => report.bytesSent),
    bytesReceived: sum(reports, (report) => report.bytesReceived),
    driverCpuS,
    busiestThread: Math.max(...reports.map((report) => report.busy)),
  };
}

/** The threads have the same kinds in the same order; of one that died, what became of them is not known. */
function mergeKinds(reports: readonly ThreadReport[]): KindTally[] {
  const told = reports.filter(({ requestKinds }) => requestKinds.length > 0);
  return (told[0]?.requestKinds ?? []).map((_, kind) => {
    const parts = told.map((report) => report.requestKinds[kind]!);
    return {
      count: sum(parts, (part) => part.count),
      failures: sum(parts, (part) => part.failures),
      latency: Uint32Array.from(parts[0]!.latency, (_, bucket) =>
        sum(parts, (part) => part.latency[bucket]!),
      ),
    };
  });
}

function concatenate(reports: readonly ThreadReport[]): Samples {
  const parts = reports.map((report) => report.samples);
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  const count = sum(parts, (part) => part.count);
  const offsets = rowOffsets(reports);
  const coarse = parts.flatMap((part, i) =>
    part.coarse === undefined ? [] : [{ coarse: part.coarse, offset: offsets[i]! }],
  );
  return {
    count,
    latencyUs: fill(
      new Float32Array(count),
      parts.map((part) => part.latencyUs),
    ),
    blockedUs: fill(
      new Float32Array(count),
      parts.map((part) => part.blockedUs),
    ),
    lagUs: fill(
      new Float32Array(count),
      parts.map((part) => part.lagUs),
    ),
    connection: fill(
      new Uint32Array(count),
      parts.map((part, i) => part.connection.map((row) => moved(row, offsets[i]!))),
    ),
    second: fill(
      new Uint32Array(count),
      parts.map((part) => part.second),
    ),
    outcome: fill(
      new Uint16Array(count),
      parts.map((part) => part.outcome),
    ),
    ...(parts.some((part) => part.startUs === undefined)
      ? {}
      : {
          startUs: fill(
            new Float64Array(count),
            parts.map((part) => part.startUs!),
          ),
        }),
    ...(coarse.length === 0 ? {} : { coarse: mergeCoarse(coarse) }),
  };
}

/** A thread's samples name rows of its own table, which follows those of the threads before it. */
function rowOffsets(reports: readonly ThreadReport[]): number[] {
  let before = 0;
  return reports.map(({ connections }) => {
    const offset = before;
    before += connections.length;
    return offset;
  });
}

function fill<T extends { set(from: T, at: number): void; readonly length: number }>(
  whole: T,
  parts: readonly T[],
): T {
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function sumTables(tables: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const table of tables)
    for (const [key, count] of Object.entries(table)) sums[key] = (sums[key] ?? 0) + count;
  return sums;
}
