/** What each connection did, and where the tail of a run lies: by connection and second. */

import { weightsOf } from "../plan/connection-weights.ts";
import type { LoadPlan } from "../plan/plan.ts";
import { countBy } from "./tally.ts";
import { groupedQuantiles, roundUs } from "./distribution.ts";
import { bucketOf, quantileOfBuckets } from "./coarse-samples.ts";
import type { Load, Samples } from "./load.ts";
import type { ConnectionResult, Run } from "./result.ts";

/** Stands for "no connection" in the tail's blocks. */
const none = -1;

/** Every connection of the load; `workerOf` (−1: unknown) and `tail` (requests in the tail) go by row. */
export function connectionResults(
  { connections, samples, startedAtUs }: Load,
  { plan, workerOf, tail }: { plan: LoadPlan; workerOf: Int32Array; tail: Uint32Array },
): ConnectionResult[] {
  const weights = plan.connectionWeights.length === 0 ? null : weightsOf(plan);
  const cycle = weights?.reduce((sum, weight) => sum + weight, 0) ?? 0;
  const { requests, failures } = countBy(samples, "connection", connections.length);
  const medians = groupedQuantiles(
    { values: samples.latencyUs, keys: samples.connection, count: samples.count },
    connections.length,
    [0.5],
  );
  const coarseMedians = mediansWithCoarse(samples);
  return connections.map(({ id, slot, thread, localPort, openedAtUs, closedAtUs, retired }, row) => ({
    id,
    slot,
    thread,
    localPort,
    worker: workerOf[row]! < 0 ? null : workerOf[row]!,
    openedAtUs: roundUs(openedAtUs - startedAtUs),
    closedAtUs: closedAtUs === null ? null : roundUs(closedAtUs - startedAtUs),
    retired,
    ...(weights === null ? {} : { intendedShare: weights[slot]! / cycle }),
    requests: requests[row]!,
    failures: failures[row]!,
    tailRequests: tail[row]!,
    p50Us: coarseMedians.get(row) ?? medians[row]![0]!,
  }));
}

/** The median latency, to a bucket, of each connection row that has a coarse histogram of its own, kept samples included. */
function mediansWithCoarse({ coarse, count, connection, latencyUs }: Samples): Map<number, number> {
  const own = (coarse?.groups ?? []).filter((group) => group.own);
  const histograms = new Map(own.map((group) => [group.connection, group.latency.slice()]));
  if (histograms.size === 0) return new Map();
  for (let i = 0; i < count; i++) {
    const histogram = histograms.get(connection[i]!);
    if (histogram !== undefined) histogram[bucketOf(latencyUs[i]!)]!++;
  }
  return new Map(
    Array.from(histograms, ([row, histogram]) => [row, roundUs(quantileOfBuckets(histogram, 0.5))]),
  );
}

/**
 * Counts the requests slower than `thresholdUs`: by connection row, and in blocks of a connection (its id; for
 * short-lived ones the slot, which outlives them; −1 for none) and a second. Of kept samples only: above the cap
 * nothing tells which latency was of which second.
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
