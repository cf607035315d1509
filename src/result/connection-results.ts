/** What each connection did, and where the tail of a run lies: by connection and second. */

import { countBy } from "./tally.ts";
import { groupedQuantiles, roundUs } from "./distribution.ts";
import type { Load } from "./load.ts";
import type { ConnectionResult, Run } from "./result.ts";

/** Stands for "no connection" in the tail's blocks. */
const none = -1;

/** Every connection of the load; `workerOf` (−1: unknown) and `tail` (requests in the tail) go by row. */
export function connectionResults(
  { connections, samples, startedAtUs }: Load,
  { workerOf, tail }: { workerOf: Int32Array; tail: Uint32Array },
): ConnectionResult[] {
  const { requests, failures } = countBy(samples, samples.connection, connections.length);
  const medians = groupedQuantiles(
    { values: samples.latencyUs, keys: samples.connection, count: samples.count },
    connections.length,
    [0.5],
  );
  return connections.map(({ id, slot, thread, localPort, openedAtUs, closedAtUs }, row) => ({
    id,
    slot,
    thread,
    localPort,
    worker: workerOf[row]! < 0 ? null : workerOf[row]!,
    openedAtUs: roundUs(openedAtUs - startedAtUs),
    closedAtUs: closedAtUs === null ? null : roundUs(closedAtUs - startedAtUs),
    requests: requests[row]!,
    failures: failures[row]!,
    tailRequests: tail[row]!,
    p50Us: medians[row]![0]!,
  }));
}

/**
 * Counts the requests slower than `thresholdUs`: by connection row, and in blocks of a connection (its id; for
 * short-lived ones the slot, which outlives them; −1 for none) and a second.
 */
export function tailOf(
  { samples, connections }: Load,
  { thresholdUs, keepalive }: { thresholdUs: number; keepalive: boolean },
): { perConnection: Uint32Array; blocks: Run["tail"]["blocks"] } {
  const perConnection = new Uint32Array(connections.length);
  const blocks = new Map<string, { connection: number; second: number; requests: number }>();
  // Compared as the histogram holds it, in whole nanoseconds, so that the tail is what lies above its quantile.
  const thresholdNs = Math.round(thresholdUs * 1e3);
  for (let i = 0; i < samples.count; i++) {
    if (Math.round(samples.latencyUs[i]! * 1e3) <= thresholdNs) continue;
    const row = samples.connection[i]!;
    const owner = connections[row];
    if (owner !== undefined) perConnection[row]!++;
    const connection = (keepalive ? owner?.id : owner?.slot) ?? none;
    const second = samples.second[i]!;
    const key = `${connection}:${second}`;
    const block = blocks.get(key);
    if (block === undefined) blocks.set(key, { connection, second, requests: 1 });
    else block.requests++;
  }
  return {
    perConnection,
    blocks: [...blocks.values()].sort((a, b) => a.connection - b.connection || a.second - b.second),
  };
}
