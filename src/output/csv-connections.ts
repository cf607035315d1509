/** Every connection as CSV. Short-lived ones have none: there a connection is a request. */

import type { ConnectionResult, ResultSet } from "../result/result.ts";
import { runColumns, targetColumn } from "./csv-run-columns.ts";
import type { RunRow } from "./csv-run-columns.ts";
import { csvParts } from "./csv-text.ts";
import type { Columns } from "./csv-text.ts";

interface Row extends RunRow {
  readonly connection: ConnectionResult;
}

const columns: Columns<Row> = {
  ...runColumns,
  connection: ({ connection }) => connection.id,
  slot: ({ connection }) => connection.slot,
  thread: ({ connection }) => connection.thread,
  // 0: it was never established.
  local_port: ({ connection }) => (connection.localPort === 0 ? null : connection.localPort),
  worker: ({ connection }) => connection.worker,
  opened_at_us: ({ connection }) => connection.openedAtUs,
  closed_at_us: ({ connection }) => connection.closedAtUs,
  intended_share: ({ connection }) => connection.intendedShare,
  requests: ({ connection }) => connection.requests,
  failures: ({ connection }) => connection.failures,
  tail_requests: ({ connection }) => connection.tailRequests,
  latency_p50_us: ({ connection: { requests, failures, p50Us } }) =>
    requests + failures === 0 ? null : p50Us,
  ...targetColumn,
};

/** The text in parts, one a run. */
export function connectionsCsv(sets: readonly ResultSet[]): Iterable<string> {
  return csvParts(columns, sets.flatMap(rowsByRun));
}

function rowsByRun(set: ResultSet): Row[][] {
  return set.runs.map((run) => run.connections.map((connection) => ({ set, run, connection })));
}
