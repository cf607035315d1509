/** How many workers a server has, which no single run need show: an idle one may be invisible. */

import type { Run } from "../result/result.ts";
import { serverOf } from "./server.ts";

/** Beyond any number of workers: such a number is a PID or a thread id. */
const mostPlaces = 1024;

/** How many workers each of `runs` was served by: all that any run of the same server saw. */
export function countWorkers(runs: readonly Run[]): (run: Run) => number {
  const counts = new Map(
    [...Map.groupBy(runs, serverOf)].map(([server, members]) => [server, workersOf(members)]),
  );
  return (run) => counts.get(serverOf(run))!;
}

/**
 * Numbers from 0 on are places, as in Envoy's `worker_N`: those left out between them are workers without a connection.
 * A header may also name workers by PIDs or thread ids, which never begin at 0: between two of them is nobody.
 */
function workersOf(runs: readonly Run[]): number {
  const ids = new Set(runs.flatMap(({ workers }) => workers.map(({ id }) => id)));
  if (!ids.has(0) || ids.size > mostPlaces) return ids.size;
  const places = Math.max(...ids) + 1;
  return places > mostPlaces ? ids.size : places;
}
