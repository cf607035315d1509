/** The stages as CSV: a row per run, stage and scope, which is the whole stage or one worker in it. */

import type { ResultSet, StageResult } from "../result/result.ts";
import { runColumns, targetColumn } from "./csv-run-columns.ts";
import type { RunRow } from "./csv-run-columns.ts";
import { csvParts } from "./csv-text.ts";
import type { Cell, Columns } from "./csv-text.ts";
import { isUnmapped } from "./known-workers.ts";

interface Row extends RunRow {
  readonly number: number;
  readonly stage: StageResult;
  /** `null` in the row of the whole stage. */
  readonly worker: StageResult["workers"][number] | null;
}

const ofStage =
  (cell: (stage: StageResult) => Cell) =>
  ({ stage, worker }: Row): Cell =>
    worker === null ? cell(stage) : null;

/** Of a worker whose connections are not known nothing was counted. */
const counted =
  (cell: (counts: Pick<StageResult, "requests" | "failures">, stage: StageResult) => Cell) =>
  ({ run, stage, worker }: Row): Cell =>
    worker !== null && isUnmapped(run) ? null : cell(worker ?? stage, stage);

const latency =
  (key: "meanUs" | "maxUs" | "50" | "90" | "99" | "99.9") =>
  ({ stage, worker }: Row): Cell => {
    const distribution = (worker ?? stage).latency;
    // No requests have no quantile, and 0 would be a fast one.
    if (distribution === null || distribution.count === 0) return null;
    return key === "meanUs" || key === "maxUs" ? distribution[key] : distribution.percentilesUs[key];
  };

const columns: Columns<Row> = {
  ...runColumns,
  stage: ({ number }) => number,
  second: ({ stage }) => stage.second,
  seconds: ({ stage }) => stage.seconds,
  scope: ({ worker }) => (worker === null ? "all" : "worker"),
  worker: ({ worker }) => worker?.id,
  from_qps: ofStage(({ fromQps }) => fromQps),
  to_qps: ofStage(({ toQps }) => toQps),
  from_connections: ofStage(({ fromConnections }) => fromConnections),
  to_connections: ofStage(({ toConnections }) => toConnections),
  requests: counted(({ requests }) => requests),
  failures: counted(({ failures }) => failures),
  qps: counted(({ requests }, { seconds }) => requests / seconds),
  latency_mean_us: latency("meanUs"),
  latency_p50_us: latency("50"),
  latency_p90_us: latency("90"),
  latency_p99_us: latency("99"),
  latency_p999_us: latency("99.9"),
  latency_max_us: latency("maxUs"),
  service_p99_us: ofStage(({ serviceTime }) => serviceTime?.percentilesUs["99"]),
  lag_p99_us: ofStage(({ lag }) => lag?.percentilesUs["99"]),
  ...targetColumn,
};

/** The text in parts, one a run; the header alone where no load had stages. */
export function stagesCsv(sets: readonly ResultSet[]): Iterable<string> {
  return csvParts(columns, sets.flatMap(rowsByRun));
}

function rowsByRun(set: ResultSet): Row[][] {
  return set.runs.map((run) =>
    run.stages.flatMap((stage, number) =>
      [null, ...stage.workers].map((worker) => ({ set, run, number, stage, worker })),
    ),
  );
}
