/** CSV (RFC 4180), long and tidy: a row per run and scope, which is the whole run or one worker of it. */

import type { ModeAttribution, RunAttribution } from "../result/attribution.ts";
import type { ResultSet } from "../result/result.ts";
import { runColumns, targetColumn } from "./csv-run-columns.ts";
import { hopCells, hopRows } from "./csv-hops.ts";
import type { HopOfRow } from "./csv-hops.ts";
import type { RunRow } from "./csv-run-columns.ts";
import { csvParts } from "./csv-text.ts";
import type { Cell, Columns } from "./csv-text.ts";
import { splitOf } from "./groups.ts";
import { knownWorkers } from "./known-workers.ts";
import type { KnownWorker } from "./known-workers.ts";

/** What a row is made from; `worker` is `null` in the row of the whole run. */
interface Row extends RunRow {
  readonly worker: KnownWorker | null;
  /** In the row of a hop, and of a worker of one behind the first, what is known of that. */
  readonly hop: HopOfRow | null;
  readonly split: RunAttribution | undefined;
  readonly mode: ModeAttribution | undefined;
}

const runOnly =
  (cell: (row: Row) => Cell) =>
  (row: Row): Cell =>
    row.worker === null ? cell(row) : null;

const percentile =
  (part: "latency" | "serviceTime", key: string) =>
  ({ run, worker }: Row): Cell => {
    const distribution = (worker ?? run)[part];
    // No requests have no quantile, and 0 would be a fast one.
    return distribution.count === 0 ? null : distribution.percentilesUs[key];
  };

const latency =
  (key: "meanUs" | "maxUs") =>
  ({ run, worker }: Row): Cell => {
    const distribution = (worker ?? run).latency;
    return distribution.count === 0 ? null : distribution[key];
  };

const ofWorker = ({ split, worker }: Row): RunAttribution["perWorker"][number] | undefined =>
  split?.perWorker.find((one) => one.worker === worker?.id);

/** Every column and where it comes from; empty where it is not known, or not of this scope. */
const ownColumns: Columns<Row> = {
  ...runColumns,
  hop: ({ run, worker }) => (worker !== null && run.hops.length > 0 ? 1 : run.target.hop),
  protocol: ({ run }) => run.protocol,
  keepalive: ({ run }) => run.keepalive,
  scope: ({ worker }) => (worker === null ? "all" : "worker"),
  worker: ({ worker }) => worker?.id,
  requested_qps: runOnly(({ run }) => run.requested.qps),
  requested_connections: runOnly(({ run }) => run.requested.connections),
  connections: ({ run, worker }) => (worker ?? run.actual).connections,
  mapping: ({ run }) => run.mapping.method,
  unmapped: runOnly(({ run }) => run.mapping.unmapped),
  requests: ({ run, worker }) => (worker ?? run.actual).requests,
  failures: ({ run, worker }) => (worker === null ? run.failureLatency.count : worker.failures),
  censored: runOnly(({ run }) => run.censored.count),
  skipped: runOnly(({ run }) => run.skipped),
  qps: runOnly(({ run }) => run.actual.qps),
  latency_mean_us: latency("meanUs"),
  latency_p50_us: percentile("latency", "50"),
  latency_p75_us: percentile("latency", "75"),
  latency_p90_us: percentile("latency", "90"),
  latency_p99_us: percentile("latency", "99"),
  latency_p999_us: percentile("latency", "99.9"),
  latency_max_us: latency("maxUs"),
  service_p50_us: percentile("serviceTime", "50"),
  service_p99_us: percentile("serviceTime", "99"),
  blocked_p99_us: runOnly(({ run }) => run.blocked.percentilesUs["99"]),
  lag_p99_us: runOnly(({ run }) => run.lag.percentilesUs["99"]),
  cpu_percent: ({ worker }) => worker?.cpuPercent,
  lift: (row) => ofWorker(row)?.lift,
  tail_share: (row) => ofWorker(row)?.tailShare,
  max_over_mean: runOnly(({ split }) => split?.connectionSkew?.maxOverMean),
  request_max_over_mean: runOnly(({ split }) => split?.requestSkew?.maxOverMean),
  skew_p: runOnly(({ split }) => split?.connectionSkew?.p),
  tail_quantile: ({ run }) => run.tail.quantile,
  skew_share: runOnly(({ split }) => split?.skewShare),
  // A run alone has no interval: this is its mode's, of the median over the runs.
  skew_share_lo: runOnly(({ mode }) => mode?.skewShareInterval?.[0]),
  skew_share_hi: runOnly(({ mode }) => mode?.skewShareInterval?.[1]),
  balanced_tail_us: runOnly(({ split }) => split?.balancedTailUs),
  // Of a hop alone: `hopCells`.
  downstream_tail_lo_us: () => null,
  downstream_tail_hi_us: () => null,
  upstream_tail_lo_us: () => null,
  upstream_tail_hi_us: () => null,
  warnings: runOnly(({ run }) => [...new Set(run.warnings.map(({ code }) => code))].join(" ")),
  ...targetColumn,
};

const everyRow = new Set([...Object.keys({ ...runColumns, ...targetColumn }), "protocol", "keepalive"]);

const columns: Columns<Row> = Object.fromEntries(
  Object.entries(ownColumns).map(([name, cell]) => [
    name,
    (row: Row): Cell =>
      row.hop === null || (everyRow.has(name) && hopCells[name] === undefined)
        ? cell(row)
        : hopCells[name]?.(row.hop),
  ]),
);

/** The rows of one or more result sets under one header, in parts, one a run. */
export function csv(sets: readonly ResultSet[]): Iterable<string> {
  return csvParts(columns, sets.flatMap(rowsByRun));
}

function rowsByRun(set: ResultSet): Row[][] {
  return set.runs.map((run) => {
    const split = splitOf(set, run);
    const mode = set.attribution?.perMode.find(({ group }) => group === split?.group);
    const row = (worker: Row["worker"], hop: Row["hop"]): Row => ({
      set,
      run,
      split,
      mode,
      worker,
      hop,
    });
    return [
      ...[null, ...knownWorkers(run)].map((worker) => row(worker, null)),
      ...hopRows(run, split?.tailByHop).map((hop) => row(null, hop)),
    ];
  });
}
