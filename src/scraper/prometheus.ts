/**
 * Envoy's page for Prometheus → the same stats under the names and in the shape of `/stats?format=json`. Pure.
 *
 * A sidecar of Istio shows this page to other machines (port 15090), and its admin to its own pod alone.
 */

import type { ConfiguredListener, TcpAddress } from "./listener-config.ts";

interface Stat {
  readonly name: string;
  readonly value: number;
}

/** The stats of listeners and of their workers; `null` where the text is no such page of an Envoy. */
export function parsePrometheus(text: string): { readonly stats: readonly Stat[] } | null {
  const stats: Stat[] = [];
  let envoys = false;
  for (const line of text.split("\n")) {
    const [, metric, labels = "", value] = /^(envoy_\w+)(?:\{(.*)\})? (\S+)$/.exec(line.trimEnd()) ?? [];
    if (metric === undefined) continue;
    envoys = true;
    const name = nameOf(metric, parseLabels(labels));
    if (name !== null) stats.push({ name, value: Number(value) });
  }
  return envoys ? { stats } : null;
}

function parseLabels(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value]));
}

// Of a stat_prefix with dots, Envoy makes the first part the label and leaves the others in the metric's name.
const counts = /^envoy_listener_(?:(.+?)_)??(worker_(?:(\d+)_)?)?downstream_cx_(active|total)$/;
const answered = /^envoy_listener_(?:(.+?)_)??http_downstream_rq_completed$/;

function nameOf(metric: string, labels: ReadonlyMap<string, string>): string | null {
  const address = labels.get("envoy_listener_address");
  if (address === undefined) return null;
  const [, rest, worker, number = labels.get("envoy_worker_id"), kind] = counts.exec(metric) ?? [];
  if (kind !== undefined) {
    const of = worker === undefined ? "" : `worker_${number}.`;
    return `listener.${join(address, rest)}.${of}downstream_cx_${kind}`;
  }
  const match = answered.exec(metric);
  const prefix = labels.get("envoy_http_conn_manager_prefix") ?? "";
  return match === null ? null : `listener.${join(address, match[1])}.http.${prefix}.downstream_rq_completed`;
}

const join = (address: string, rest: string | undefined): string =>
  rest === undefined ? address : `${address}.${rest}`;

/** The listeners that such stats are of. How they are configured is not told; where they listen, as far as named so. */
export function listenersOf(stats: readonly Stat[]): ConfiguredListener[] {
  const names = new Set<string>();
  for (const { name } of stats) {
    const listener = /^listener\.(.*?)\.(?:worker_\d+\.)?downstream_cx_total$/.exec(name)?.[1];
    if (listener !== undefined) names.add(listener);
  }
  return [...names].map((statName) => ({
    name: "",
    statName,
    address: statName,
    tcp: parseAddress(statName),
    pipe: statName.startsWith("/") ? statName : null,
    mode: null,
    reusePort: false,
    bound: true,
    handsOver: false,
    state: "active",
    dynamic: false,
    problem: "a page for Prometheus tells nothing of the configuration",
  }));
}

/** `127.0.0.1_8080`, `[__1]_8080` */
function parseAddress(statName: string): TcpAddress | null {
  const [, v4, v6, port] = /^(?:(\d+(?:\.\d+){3})|\[([\da-f_.]+)\])_(\d+)$/.exec(statName) ?? [];
  const host = v4 ?? v6?.replaceAll("_", ":");
  return host === undefined ? null : { host, port: Number(port) };
}
