/** Runs made by hand: exactly these latencies on these workers. */

import type { Run } from "../../src/result/result.ts";
import { simulatedRun } from "./simulated-run.ts";
import type { RunLabels } from "./simulated-run.ts";

export interface CraftedWorker {
  readonly connections: number;
  readonly latenciesUs: readonly number[];
  /** Busy share of its core, 0…1. */
  readonly busy?: number;
}

/** A run of `durationS` seconds; a worker's requests go to its connections in turn, evenly over the seconds. */
export function craftedRun(
  workers: readonly CraftedWorker[],
  { durationS = 5, lagUs = 0, ...labels }: RunLabels & { durationS?: number; lagUs?: number },
): Run {
  const rows: { us: number; connection: number; second: number }[] = [];
  const placement: number[] = [];
  for (const [worker, { connections, latenciesUs }] of workers.entries()) {
    for (const [i, us] of latenciesUs.entries()) {
      const second = Math.floor((i / latenciesUs.length) * durationS);
      rows.push({ us: us + lagUs, connection: placement.length + (i % connections), second });
    }
    placement.push(...Array.from({ length: connections }, () => worker));
  }
  return simulatedRun(
    {
      scenario: {
        workers: workers.length,
        connections: placement.length,
        qps: rows.length / durationS,
        durationS,
        arrivals: "fixed",
        service: () => 0,
        ...(lagUs > 0 ? { lag: () => lagUs } : {}),
      },
      slotOf: [...placement.keys()],
    },
    {
      served: {
        latencyUs: Float64Array.from(rows, ({ us }) => us),
        blockedUs: new Float64Array(rows.length),
        lagUs: new Float64Array(rows.length).fill(lagUs),
        connection: Uint32Array.from(rows, ({ connection }) => connection),
        second: Uint32Array.from(rows, ({ second }) => second),
        busyUs: workers.map(({ busy = 0.4 }) => busy * durationS * 1e6),
      },
      placement,
    },
    labels,
  );
}

/** `count` latencies whose quantiles are those of an exponential of the given mean, without any chance. */
export const exponentialGrid = (count: number, meanUs: number): number[] =>
  Array.from({ length: count }, (_, i) => -meanUs * Math.log(1 - (i + 0.5) / count));

/**
 * A run of two workers that are M/M/1 queues in law: sojourn times are exponential with mean s/(1 − ρx), times
 * `noise` for the whole run. Its true tail at balance is −ln(1 − q)·s/(1 − ρ)·noise.
 */
export function queueRun(
  hotConnections: number,
  {
    busy = 0.4,
    serviceUs = 250,
    noise = 1,
    requests = 16_000,
    ...labels
  }: RunLabels & { busy?: number; serviceUs?: number; noise?: number; requests?: number },
): Run {
  const connections = 128;
  return craftedRun(
    [hotConnections, connections - hotConnections].map((held) => {
      const x = (held / connections) * 2;
      const meanUs = (noise * serviceUs) / (1 - busy * x);
      return {
        connections: held,
        latenciesUs: exponentialGrid((requests / connections) * held, meanUs),
        busy: busy * x,
      };
    }),
    labels,
  );
}

/** The run with its workers called `ids`, as a response header would: PIDs, or only some of Envoy's numbers. */
export function renumbered(run: Run, ids: readonly number[]): Run {
  return {
    ...run,
    workers: run.workers.map((worker) => Object.assign({}, worker, { id: ids[worker.id]! })),
    connections: run.connections.map((one) =>
      Object.assign({}, one, { worker: one.worker === null ? null : ids[one.worker]! }),
    ),
  };
}

export const ofSide = (side: string, run: Run): Run => ({ ...run, side });
