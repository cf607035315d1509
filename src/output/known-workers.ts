/** The workers of a run with what the result knows of them. */

import type { Run, WorkerResult } from "../result/result.ts";

type Counts = "connections" | "requests" | "failures";

/** A worker whose counts are `null` where they are not known. */
export type KnownWorker = Omit<WorkerResult, Counts> & { readonly [count in Counts]: number | null };

/** No connection could be mapped: the 0 requests that the result has of each worker are not their number. */
export function isUnmapped({ mapping }: Run): boolean {
  return mapping.mapped === 0 && mapping.unmapped > 0;
}

/** In the order of the run. */
export function knownWorkers(run: Run): readonly KnownWorker[] {
  const { workers } = run;
  if (!isUnmapped(run)) return workers;
  // Connections are then those that Envoy accepted, which its admin alone tells.
  const accepted = workers.some(({ connections }) => connections > 0);
  return workers.map((worker) =>
    Object.assign({}, worker, {
      connections: accepted ? worker.connections : null,
      requests: null,
      failures: null,
    }),
  );
}
