/** The series as CSV: a row per run, second and scope, which is the whole run or one worker of it. */

import type { ResultSet, SeriesPoint } from "../result/result.ts";
import { runColumns, targetColumn } from "./csv-run-columns.ts";
import type { RunRow } from "./csv-run-columns.ts";
import { csvParts } from "./csv-text.ts";
import type { Cell, Columns } from "./csv-text.ts";

interface Row extends RunRow {
  readonly point: SeriesPoint;
  /** `null` in the row of the whole second. */
  readonly worker: SeriesPoint["workers"][number] | null;
}

const latency =
  (key: "p50Us" | "p99Us") =>
  ({ point, worker }: Row): Cell =>
    // Older files have 0 for a second without requests.
    worker !== null || point.requests + point.failures === 0 ? null : point[key];

const columns: Columns<Row> = {
  ...runColumns,
  second: ({ point }) => point.second,
  scope: ({ worker }) => (worker === null ? "all" : "worker"),
  worker: ({ worker }) => worker?.id,
  requests: ({ point, worker }) => (worker ?? point).requests,
  failures: ({ point, worker }) => (worker === null ? point.failures : null),
  latency_p50_us: latency("p50Us"),
  latency_p99_us: latency("p99Us"),
  connections: ({ worker }) => worker?.connections,
  cpu_percent: ({ worker }) => worker?.cpuPercent,
  steal: ({ point, worker }) => (worker === null ? point.steal : null),
  cpu_pressure: ({ point, worker }) => (worker === null ? point.cpuPressure : null),
  ...targetColumn,
};

/** The text in parts, one a run. */
export function seriesCsv(sets: readonly ResultSet[]): Iterable<string> {
  return csvParts(columns, sets.flatMap(rowsByRun));
}

function rowsByRun(set: ResultSet): Row[][] {
  return set.runs.map((run) =>
    run.series.flatMap((point) => [null, ...point.workers].map((worker) => ({ set, run, point, worker }))),
  );
}
