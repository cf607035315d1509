/** A run that tells how far it is. */

import { monotonicUs } from "./clock.ts";
import { plannedUs } from "./plan/amount-plan.ts";
import type { LoadPlan } from "./plan/plan.ts";
import type { ProgressEvent } from "./progress-event.ts";
import { failuresOf } from "./result/failures.ts";
import { run } from "./run.ts";
import type { FinishedRun, RunHooks, RunRequest } from "./run.ts";

type Progress = ReturnType<Parameters<RunHooks["onStart"]>[1]>;

const tickMs = 500;

export interface ProgressHooks {
  /** Of the whole experiment. */
  readonly runs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (event: ProgressEvent) => void;
}

/** `run`, with an event at its start, twice a second, and at its end. */
export async function runWithProgress(
  request: RunRequest,
  { runs, signal, onProgress }: ProgressHooks,
): Promise<FinishedRun> {
  const common = {
    run: request.order + 1,
    runs,
    name: [request.target.side, request.step, request.target.name].filter((part) => part !== "").join(" "),
    repetition: request.repetition + 1,
    durationS: plannedS(request.plan.load),
  };
  let ticks: NodeJS.Timeout | undefined;
  let read = nothingYet;
  onProgress({ kind: "run-started", ...common, elapsedS: 0, ...read() });
  try {
    const finished = await run(request, {
      signal,
      onStart: (startAtUs, progress) => {
        read = progress;
        const elapsedS = (): number => Math.max(0, (monotonicUs() - startAtUs) / 1e6);
        ticks = setInterval(
          () => onProgress({ kind: "tick", ...common, elapsedS: elapsedS(), ...progress() }),
          tickMs,
        );
      },
    });
    const { actual } = finished.run;
    onProgress({
      kind: "run-finished",
      ...common,
      failed: read().failed,
      elapsedS: actual.durationS,
      requests: actual.requests,
      failures: failuresOf(finished.run),
    });
    return finished;
  } finally {
    clearInterval(ticks);
  }
}

const nothingYet = (): Progress => ({ requests: 0, failures: 0, failed: {} });

/** Warm-up included; 0 where it is not known. */
function plannedS(load: LoadPlan): number {
  const us = plannedUs(load);
  return us === null ? 0 : (us + load.warmupUs) / 1e6;
}
