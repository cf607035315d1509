/** CPU time of one Envoy worker, to the nanosecond. */

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * A reader of the CPU microseconds that a thread has burned so far. The scheduler's own account
 * (`/proc/PID/task/TID/schedstat`, first field, ns) and not `stat`, whose ticks of 10 ms would need seconds of load.
 *
 * @param threadName as in `/proc/PID/task/TID/comm`: `wrk:worker_0`
 * @returns `null` where this machine has no such account or the process no such thread
 */
export async function workerCpu(pid: number, threadName: string): Promise<(() => Promise<number>) | null> {
  const tasks = join("/proc", String(pid), "task");
  for (const tid of await readdir(tasks).catch(() => [])) {
    const comm = await readFile(join(tasks, tid, "comm"), "utf8").catch(() => "");
    if (comm.trimEnd() !== threadName) continue;
    const path = join(tasks, tid, "schedstat");
    const readUs = async (): Promise<number> => Number((await readFile(path, "utf8")).split(" ")[0]) / 1e3;
    return readUs().then(
      () => readUs,
      () => null,
    );
  }
  return null;
}
