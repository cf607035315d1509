/** Ctrl-C: the first asks for an orderly end, which saves and reports; the second ends at once. */

import { exitCodes } from "../errors.ts";

const exitCodeBy = {
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
  SIGHUP: exitCodes.terminated,
} as const;

type Signal = keyof typeof exitCodeBy;

export interface Interruption {
  /** Listens from the first call on; before, signals end the process as they always do. */
  readonly listen: () => AbortSignal;
  /** The exit code that the signal asks for, or `null` while there was none. */
  readonly exitCode: () => number | null;
}

/** @param exit ends the process, on the second signal */
export function createInterruption(
  note: (line: string) => void,
  exit: (code: number) => never,
): Interruption {
  const controller = new AbortController();
  let by: Signal | null = null;
  let listening = false;
  const onSignal = (signal: Signal): void => {
    if (by !== null) exit(exitCodeBy[signal]);
    by = signal;
    note("mesh-load: ending in order; once more ends at once");
    controller.abort();
  };
  return {
    listen: () => {
      if (!listening) for (const signal of Object.keys(exitCodeBy) as Signal[]) process.on(signal, onSignal);
      listening = true;
      return controller.signal;
    },
    exitCode: () => (by === null ? null : exitCodeBy[by]),
  };
}
