/** Envoy's `/stats?format=json` → what one listener and its workers counted. Pure. */

/** Counters of one listener; a stat that Envoy does not show is `null`. */
export interface ListenerCounts {
  /** Connections accepted since Envoy's start. */
  readonly connections: number | null;
  /** Requests answered since Envoy's start, over all HTTP filters of this listener and of no other. */
  readonly requests: number | null;
  /** By worker id, ascending. */
  readonly workers: ReadonlyMap<number, WorkerCounts>;
}

interface WorkerCounts {
  /** Connections open now. */
  readonly active: number | null;
  /** Connections accepted since Envoy's start. */
  readonly opened: number | null;
}

/** The RE2 expression that selects the stats of one listener, and no more: Envoy writes out all that matches. */
export function listenerFilter(statName: string): string {
  const listener = `listener\\.${escapeRegex(statName)}\\.`;
  return `^${listener}((worker_\\d+\\.)?downstream_cx_(active|total)|http\\..*\\.downstream_rq_completed)$`;
}

/** The RE2 expression for the connections that every worker of every listener holds now. */
export const activeFilter = "^listener\\..*\\.worker_\\d+\\.downstream_cx_active$";

/** Reads the counters of listener `statName` (as in `listener.<statName>.…`) out of the JSON of `/stats`. */
export function parseListenerCounts(stats: unknown, statName: string): ListenerCounts {
  const prefix = `listener.${statName}.`;
  let connections: number | null = null;
  let requests: number | null = null;
  const workers = new Map<number, { active: number | null; opened: number | null }>();
  for (const { name, value } of plainStats(stats)) {
    if (!name.startsWith(prefix)) continue;
    const rest = name.slice(prefix.length);
    if (rest === "downstream_cx_total") connections = value;
    // `http.<prefix>.downstream_rq_total` has no listener in its name, and copied configs share the prefix.
    else if (/^http\..*\.downstream_rq_completed$/.test(rest)) requests = (requests ?? 0) + value;
    const [, id, kind] = /^worker_(\d+)\.downstream_cx_(active|total)$/.exec(rest) ?? [];
    if (id === undefined) continue;
    const worker = workers.get(Number(id)) ?? { active: null, opened: null };
    worker[kind === "active" ? "active" : "opened"] = value;
    workers.set(Number(id), worker);
  }
  return { connections, requests, workers: new Map([...workers].sort(([a], [b]) => a - b)) };
}

/** One counter or gauge by its whole name; `null` where Envoy does not show it. */
export function parseCounter(stats: unknown, name: string): number | null {
  return plainStats(stats).find((stat) => stat.name === name)?.value ?? null;
}

/** What was counted from one reading to a later one; `null` where either lacks it, or where it went backwards. */
export function countedBetween(before: number | null, after: number | null): number | null {
  return before === null || after === null || after < before ? null : after - before;
}

/** Whether any counter is lower than before: Envoy was started anew, or somebody reset its counters. */
export function wentBackwards(before: ListenerCounts, after: ListenerCounts): boolean {
  return (
    isLower(before.connections, after.connections) ||
    isLower(before.requests, after.requests) ||
    [...before.workers].some(([id, { opened }]) => isLower(opened, after.workers.get(id)?.opened ?? null))
  );
}

function isLower(earlier: number | null, later: number | null): boolean {
  return earlier !== null && later !== null && later < earlier;
}

function plainStats(stats: unknown): { name: string; value: number }[] {
  const rows = (stats as { stats?: unknown } | null)?.stats;
  if (!Array.isArray(rows)) return [];
  return rows.filter(
    (row: { name?: unknown; value?: unknown } | null): row is { name: string; value: number } =>
      typeof row?.name === "string" && typeof row.value === "number",
  );
}

/** Quotes what RE2 would read as an operator. */
export function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
