/** Connection → worker by the response header that names it: the only way that knows short-lived connections. */

import type { LoadConnection } from "../result/load.ts";

/** Connection id → worker id, for each connection whose first response carried the header. */
export function mapByHeader(connections: readonly LoadConnection[]): Map<number, number> {
  const workerOf = new Map<number, number>();
  for (const { id, headerWorker } of connections) if (headerWorker !== null) workerOf.set(id, headerWorker);
  return workerOf;
}
