/** Connection → worker by the response header that names it: the only way that knows short-lived connections. */

import type { LoadConnection } from "../result/load.ts";
import { readInnerPid } from "../scraper/procfs.ts";
import type { WorkerTask } from "../scraper/worker-tasks.ts";

/**
 * Connection id → worker id, for each connection whose first response carried the header. It may name the worker by its
 * number, by its PID (nginx: `$pid`) or by its thread id. Where `tasks` are known, a number that is none of these is left
 * out.
 */
export function mapByHeader(
  connections: readonly LoadConnection[],
  tasks: readonly WorkerTask[] = [],
): Map<number, number> {
  const idOf = new Map<number, number>();
  for (const { id, pid, thread, wholeProcess } of tasks) {
    idOf.set(thread, id);
    // In a container, a process knows itself by another PID than we do.
    if (wholeProcess) idOf.set(pid, id).set(readInnerPid(pid) ?? pid, id);
  }
  // A worker's number counts more than the PID of another: containers have PIDs as low.
  for (const { id } of tasks) idOf.set(id, id);
  const workerOf = new Map<number, number>();
  for (const { id, headerWorker } of connections) {
    const worker = headerWorker === null || tasks.length === 0 ? headerWorker : idOf.get(headerWorker);
    if (worker != null) workerOf.set(id, worker);
  }
  return workerOf;
}
