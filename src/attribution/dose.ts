/** What one run tells of load and tail: each worker's load relative to balance, and its latencies without lag. */

import { histogramOf } from "../result/distribution.ts";
import type { Run } from "../result/result.ts";
import { median } from "./order-statistics.ts";
import { tailCurve } from "./tail-curve.ts";
import type { TailCurve } from "./tail-curve.ts";

export interface WorkerDose {
  readonly id: number;
  /** Its share of the requests times the workers: 1 is an equal share. */
  readonly x: number;
  readonly share: number;
  readonly curve: TailCurve;
}

/** A run whose workers are known. Workers without a request stand in no list: they have no tail. */
export interface RunDose {
  readonly order: number;
  readonly group: string;
  /** All workers, idle ones too. */
  readonly workerCount: number;
  /** Requests whose worker is known, censored ones too. */
  readonly requests: number;
  readonly workers: readonly WorkerDose[];
  /** Busy share (0…1) of a worker at an equal share of this run's load; `null` where no CPU was read. */
  readonly busyShare: number | null;
}

/** Under this share of requests of known worker, a run says too little of the others. */
const leastMapped = 0.9;

/** How many workers the target has: the most that any of the runs saw of it, for an idle one may be invisible. */
export function workerCountOf(run: Run, runs: readonly Run[]): number {
  const same = runs.filter(({ target }) => target.kind === run.target.kind && target.hop === run.target.hop);
  return Math.max(
    0,
    ...[run, ...same].map(({ workers }) => Math.max(workers.length, ...workers.map(({ id }) => id + 1))),
  );
}

/** The dose of a run, or `null` where too few of its requests have a known worker. */
export function doseOf(
  run: Run,
  { group, workerCount }: { group: string; workerCount: number },
): RunDose | null {
  const known = run.workers.filter(({ latencyWithoutLag }) => latencyWithoutLag.count > 0);
  const requests = known.reduce((sum, { latencyWithoutLag }) => sum + latencyWithoutLag.count, 0);
  if (requests === 0 || requests < leastMapped * run.latencyWithoutLag.count) return null;
  const cpu = run.workers.flatMap(({ cpuPercent }) => (cpuPercent === null ? [] : [cpuPercent / 100]));
  return {
    order: run.order,
    group,
    workerCount,
    requests,
    workers: known.map(({ id, latencyWithoutLag }) => {
      const share = latencyWithoutLag.count / requests;
      return { id, share, x: share * workerCount, curve: tailCurve(histogramOf(latencyWithoutLag)) };
    }),
    busyShare:
      cpu.length === 0 || cpu.length < known.length
        ? null
        : cpu.reduce((sum, share) => sum + share, 0) / workerCount,
  };
}

/** Largest difference of load between two workers of a run, in equal shares; an idle worker counts. */
export function spreadOf({ workers, workerCount }: RunDose): number {
  const loads = workers.map(({ x }) => x);
  return Math.max(...loads) - (workers.length < workerCount ? 0 : Math.min(...loads));
}

/** Every dose with a busy share: its own, or the median of the others; all `null` where none was measured. */
export function withBusyShare(doses: readonly RunDose[]): RunDose[] {
  const measured = doses.flatMap(({ busyShare }) => (busyShare === null ? [] : [busyShare]));
  const typical = measured.length === 0 ? null : median(measured);
  return doses.map((dose) => ({ ...dose, busyShare: dose.busyShare ?? typical }));
}
