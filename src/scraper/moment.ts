/** Everything that procfs tells, read at one moment: the machine, and the CPU time of each worker. */

import { machineBetween, readMachine } from "./machine.ts";
import type { MachineReading, MachineShare } from "./machine.ts";
import { readProcessCpuUs, readTasks, readThreadCpuUs } from "./procfs.ts";
import type { ProcessView } from "./process.ts";
import type { WorkerTask } from "./worker-tasks.ts";

export interface Moment {
  readonly machine: MachineReading;
  /** CPU microseconds by worker id; a thread that is gone or hidden is not here. */
  readonly workerCpuUs: ReadonlyMap<number, number>;
}

/** Reads now, in about 0.1 ms for two workers. `own` are the processes that belong to the measurement. */
export function readMoment(atUs: number, seen: ProcessView | null, own: readonly number[] = []): Moment {
  const workerCpuUs = new Map<number, number>();
  for (const [id, worker] of seen?.workers ?? []) {
    const cpuUs = readWorkerCpuUs(worker);
    if (cpuUs !== null) workerCpuUs.set(id, cpuUs);
  }
  return { machine: readMachine(atUs, own), workerCpuUs };
}

// A thread's account is exact to the nanosecond, a process's to 10 ms: a process of one thread is read as that thread.
function readWorkerCpuUs({ pid, thread, wholeProcess }: WorkerTask): number | null {
  return wholeProcess && readTasks(pid).length > 1 ? readProcessCpuUs(pid) : readThreadCpuUs(pid, thread);
}

/** Per cent of one core that `worker` used between two moments. */
export function cpuPercentBetween(before: Moment, after: Moment, worker: number): number | null {
  const from = before.workerCpuUs.get(worker);
  const to = after.workerCpuUs.get(worker);
  const wallUs = after.machine.atUs - before.machine.atUs;
  if (from === undefined || to === undefined || wallUs <= 0) return null;
  return (100 * (to - from)) / wallUs;
}

/** The machine between two moments. */
export function shareBetween(before: Moment, after: Moment): MachineShare {
  return machineBetween(before.machine, after.machine);
}
