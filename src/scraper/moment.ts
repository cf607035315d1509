/** Everything that procfs tells, read at one moment: the machine, and the CPU time of each worker. */

import { machineBetween, readMachine } from "./machine.ts";
import type { MachineReading, MachineShare } from "./machine.ts";
import { readThreadCpuUs } from "./procfs.ts";
import type { ProcessView } from "./process.ts";

export interface Moment {
  readonly machine: MachineReading;
  /** CPU microseconds by worker id; a thread that is gone or hidden is not here. */
  readonly workerCpuUs: ReadonlyMap<number, number>;
}

/** Reads now, in about 0.1 ms for two workers. `own` are the processes that belong to the measurement. */
export function readMoment(atUs: number, seen: ProcessView | null, own: readonly number[] = []): Moment {
  const workerCpuUs = new Map<number, number>();
  for (const [worker, thread] of seen?.workers ?? []) {
    const cpuUs = readThreadCpuUs(seen!.pid, thread);
    if (cpuUs !== null) workerCpuUs.set(worker, cpuUs);
  }
  return { machine: readMachine(atUs, own), workerCpuUs };
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
