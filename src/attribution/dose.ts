/** What one run tells of load and tail: each worker's load relative to balance, and its latencies without lag. */

import type { Run } from "../result/result.ts";
import { median, rangeOf } from "../order-statistics.ts";
import { samplesNeeded } from "../result/tail-samples.ts";
import { serverOf } from "./server.ts";
import { tailCurve } from "./tail-curve.ts";
import type { TailCurve } from "./tail-curve.ts";

export interface WorkerDose {
  readonly id: number;
  /** Its share of the requests times the workers: 1 is an equal share. */
  readonly x: number;
  /** The same of the connections. */
  readonly connectionX: number;
  readonly share: number;
  /** Busy share (0…1) of its core; `null` where it was not read. */
  readonly busy: number | null;
  /** A request took longer, on average, than its connection had until the next: the schedule could not be held. */
  readonly behind: boolean;
  readonly curve: TailCurve;
}

/** A run whose workers are known. Workers without a request stand in no list: they have no tail. */
export interface RunDose {
  readonly order: number;
  readonly group: string;
  /** Whose workers they are (`serverOf`). */
  readonly server: string;
  /** All workers, idle ones too. */
  readonly workerCount: number;
  /** The server, the step of a sweep, and requests asked for in a second: runs of the same load share their busy share. */
  readonly load: string;
  /** Requests whose worker is known, censored ones too. */
  readonly requests: number;
  readonly workers: readonly WorkerDose[];
  /** Busy share (0…1) of a worker at an equal share of the load; `null` where no CPU was read. */
  readonly busyShare: number | null;
}

/** Under this share of requests of known worker, a run says too little of the others. */
const leastMapped = 0.9;

/** The dose of a run, or `null` where too few of its requests have a known worker to speak of their tail. */
export function doseOf(
  run: Run,
  { group, workerCount, tailQuantile }: { group: string; workerCount: number; tailQuantile: number },
): RunDose | null {
  const known = run.workers.filter(({ latencyWithoutLag }) => latencyWithoutLag.count > 0);
  const requests = known.reduce((sum, { latencyWithoutLag }) => sum + latencyWithoutLag.count, 0);
  if (requests < leastMapped * run.latencyWithoutLag.count) return null;
  if (requests < samplesNeeded(tailQuantile)) return null;
  const connections = run.workers.reduce((sum, worker) => sum + worker.connections, 0);
  const periodUs = periodsOf(run);
  const server = serverOf(run);
  const cpu = run.workers.flatMap(({ cpuPercent }) => (cpuPercent === null ? [] : [cpuPercent / 100]));
  return {
    order: run.order,
    group,
    server,
    workerCount,
    load: [server, run.step, run.requested.qps].join(" "),
    requests,
    workers: known.map(({ id, connections: held, cpuPercent, latencyWithoutLag }) => {
      const share = latencyWithoutLag.count / requests;
      const busy = cpuPercent === null ? null : cpuPercent / 100;
      const behind = latencyWithoutLag.meanUs >= periodUs(id);
      const connectionX = connections === 0 ? 0 : (held / connections) * workerCount;
      const curve = tailCurve(latencyWithoutLag);
      return { id, share, x: share * workerCount, connectionX, busy, behind, curve };
    }),
    busyShare:
      cpu.length === 0 || cpu.length < known.length
        ? null
        : cpu.reduce((sum, share) => sum + share, 0) / workerCount,
  };
}

/**
 * How long the connections of a worker have from one request to the next, in the mean over its requests: a heavy one less
 * than the others. HTTP/2 has more than one in flight: there is no such bound.
 */
function periodsOf({ protocol, requested, connections }: Run): (worker: number) => number {
  if (protocol === "h2" || requested.qps === 0) return () => Infinity;
  const held = Map.groupBy(connections, ({ worker }) => worker);
  return (worker) => {
    const own = (held.get(worker) ?? []).flatMap(({ intendedShare }) => intendedShare ?? []);
    const share = own.reduce((sum, one) => sum + one, 0);
    return (1e6 / requested.qps) * (share > 0 ? own.length / share : requested.connections);
  };
}

/** Largest difference of load between two workers of a run, in equal shares; an idle worker counts. */
export function spreadOf({ workers, workerCount }: RunDose): number {
  const [least, most] = rangeOf(workers.map(({ x }) => x));
  return most - (workers.length < workerCount ? 0 : least);
}

/**
 * The doses with the busy share that runs of their load had in the median: a saturated worker does less than it was
 * asked for, so its own run would tell too little. All `null` where none was measured.
 */
export function withBusyShare(doses: readonly RunDose[]): RunDose[] {
  const typical = (of: readonly RunDose[]): number | null => {
    const measured = of.flatMap(({ busyShare }) => (busyShare === null ? [] : [busyShare]));
    return measured.length === 0 ? null : median(measured);
  };
  const byLoad = Map.groupBy(doses, ({ load }) => load);
  return doses.map((dose) => ({ ...dose, busyShare: typical(byLoad.get(dose.load)!) ?? typical(doses) }));
}

/** From here on a queue grows as long as the load lasts: its tail tells the length of the run, not the load. */
const saturatedFrom = 0.95;
/** A worker that fell behind was so by its load if it was this busy, and for another reason if it was not. */
const busyFrom = 0.8;

/** Whether a worker could not keep up with its load. Ask it of doses that `withBusyShare` made. */
export function isSaturated({ x, busy, behind }: WorkerDose, { busyShare }: RunDose): boolean {
  return Math.max(busy ?? 0, (busyShare ?? 0) * x) >= (behind ? busyFrom : saturatedFrom);
}

/**
 * Whether a worker of the run fell behind without being busy: something else, a starved machine or a slow upstream,
 * held it up, and its latencies are no answer to its load.
 */
export function wasHeldUp(dose: RunDose): boolean {
  return dose.workers.some((worker) => worker.behind && !isSaturated(worker, dose));
}
