/** Rows of CSV for the proxies behind the first of a chain: what is known of their workers, and nothing of requests. */

import type { HopResult, HopWorker } from "../result/hops.ts";
import type { Run } from "../result/result.ts";
import type { Cell } from "./csv-text.ts";

export interface HopOfRow {
  readonly hop: HopResult;
  readonly worker: HopWorker;
}

/** The cells that such a row has of its own; those that say which run it is of are as in other rows. */
export const hopCells: Readonly<Record<string, (row: HopOfRow) => Cell>> = {
  hop: ({ hop }) => hop.hop,
  mode_in_effect: ({ hop }) => hop.proof.inEffect,
  scope: () => "worker",
  worker: ({ worker }) => worker.id,
  connections: ({ worker }) => worker.connections,
  cpu_percent: ({ worker }) => worker.cpuPercent,
};

/** A row for each worker behind the first hop, whose workers have rows of their own. */
export function hopsBehind({ hops }: Run): HopOfRow[] {
  return hops.slice(1).flatMap((hop) => hop.workers.map((worker) => ({ hop, worker })));
}
