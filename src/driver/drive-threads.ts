/** One load over all threads: begun together, ended together, and reported as one, whatever becomes of a thread. */

import { monotonicUs } from "../clock.ts";
import { messageOf } from "../errors.ts";
import { plannedUs } from "../plan/amount-plan.ts";
import type { LoadPlan } from "../plan/plan.ts";
import type { Load, LoadConnection } from "../result/load.ts";
import type { Stop } from "../result/stop.ts";
import type { DriverThread } from "./driver-thread.ts";
import { mergeReports } from "./merge.ts";
import type { MergeContext } from "./merge.ts";
import type { ThreadReport } from "./messages.ts";
import { Recorder } from "./recorder.ts";

/**
 * Between the order to drive and the first intended start: the second threads must be up by then, the rehearsals over,
 * and V8's compilers idle again, which have threads of their own.
 */
export const leadUs = 300_000;

export interface DriveThreadsOptions {
  readonly signal: AbortSignal;
  readonly onStart: (startAtUs: number) => void;
  readonly starts: boolean;
  /** What each thread had opened before. */
  readonly opened: readonly { readonly connections: readonly LoadConnection[] }[];
  readonly openFailures: Readonly<Record<string, number>>;
}

/**
 * Drives until all threads have ended. The first that wants an end has it for all: the signal, an outcome that must
 * not be, or the death of a thread, whose own samples are lost and those of the others kept.
 */
export async function driveThreads(
  threads: readonly DriverThread[],
  load: LoadPlan,
  { signal, onStart, starts, opened, openFailures }: DriveThreadsOptions,
): Promise<Load> {
  const startedAtUs = monotonicUs() + leadUs + load.warmupUs;
  let stopped: MergeContext["stopped"] = null;
  const end = (stop: Stop): void => {
    stopped ??= { stop, atUs: monotonicUs() };
    for (const thread of threads) thread.send({ kind: "stop" });
  };
  const interrupt = (): void => end({ code: "interrupted", message: "interrupted" });
  const cpuBefore = process.cpuUsage();
  const reports = threads.map((thread, i) =>
    thread.drive(startedAtUs, end).catch((error: unknown) => {
      end({ code: "thread-died", message: messageOf(error) });
      return reportOfDead(opened[i]!.connections, starts);
    }),
  );
  onStart(startedAtUs);
  signal.addEventListener("abort", interrupt, { once: true });
  if (signal.aborted) interrupt();
  try {
    const ended = await Promise.all(reports);
    const cpu = process.cpuUsage(cpuBefore);
    return mergeReports(ended, {
      startedAtUs,
      plannedUs: plannedUs(load),
      driverCpuS: (cpu.user + cpu.system) / 1e6,
      openFailures,
      stopped,
    });
  } finally {
    signal.removeEventListener("abort", interrupt);
  }
}

/** What is known of a thread that died: the connections that it had opened, closed with it. */
function reportOfDead(connections: readonly LoadConnection[], starts: boolean): ThreadReport {
  const nowUs = monotonicUs();
  return {
    samples: new Recorder({ expected: 0, starts, workerOf: () => -1 }).take(),
    requestKinds: [],
    connections: connections.map((one) => ({ ...one, closedAtUs: nowUs })),
    tlsFailures: {},
    skipped: 0,
    warmup: { sent: 0, answered: 0, redirects: 0 },
    redirects: 0,
    kernelTimed: 0,
    bytesSent: 0,
    bytesReceived: 0,
    cutShort: true,
    endedAtUs: nowUs,
    busy: 0,
  };
}
