/** Where a listener of Envoy sends its requests: the clusters of its routes, and their endpoints; and its stats' names. Pure. */

import type { TcpAddress } from "./listener-config.ts";

interface Section {
  readonly static_listeners?: readonly Json[];
  readonly dynamic_listeners?: readonly Json[];
  readonly static_route_configs?: readonly Json[];
  readonly dynamic_route_configs?: readonly Json[];
}

type Json = unknown;

/** Names of the clusters that the listener called `name` may route to, out of `/config_dump`; inline routes and RDS. */
export function clustersOf(dump: unknown, name: string): Set<string> {
  const sections = sectionsOf(dump);
  const own = listenersNamed(sections, name);
  const routes = sections.flatMap(
    ({ static_route_configs: fixed = [], dynamic_route_configs: dynamic = [] }) => fixed.concat(dynamic),
  );
  const named = valuesOf(own, "route_config_name");
  const configs = routes.filter((route) => named.has(nameOf(route, "route_config") ?? ""));
  const found = valuesOf([own, configs], "cluster");
  for (const weighted of objectsOf([own, configs], "weighted_clusters"))
    for (const cluster of valuesOf(weighted, "name")) found.add(cluster);
  return found;
}

/** The stat prefixes of the HTTP filters of the listener called `name`, as stats have them. */
export function prefixesOf(dump: unknown, name: string): Set<string> {
  const filters = objectsOf(listenersNamed(sectionsOf(dump), name), "typed_config") as readonly {
    readonly "@type"?: string;
    readonly stat_prefix?: string;
  }[];
  return new Set(
    filters
      .filter((filter) => filter["@type"]?.endsWith(".HttpConnectionManager"))
      .map(({ stat_prefix: prefix = "" }) => sanitise(prefix)),
  );
}

/** `clusters` as stats name them (`alt_stat_name`), out of `/clusters?format=json`. */
export function statNamesOf(statuses: unknown, clusters: ReadonlySet<string>): string[] {
  return statusesOf(statuses)
    .filter(({ name = "" }) => clusters.has(name))
    .map(({ name = "", observability_name: own = "" }) => sanitise(own === "" ? name : own));
}

/** As Envoy's `sanitizeStatsName` does. */
const sanitise = (name: string): string => name.replaceAll(/:\/{0,2}/g, "_");

/** The endpoints of `clusters`, out of `/clusters?format=json`. */
export function endpointsOf(statuses: unknown, clusters: ReadonlySet<string>): TcpAddress[] {
  return statusesOf(statuses)
    .filter(({ name = "" }) => clusters.has(name))
    .flatMap(({ host_statuses: hosts = [] }) => hosts)
    .flatMap(({ address }) => {
      const { address: host, port_value: port } = address?.socket_address ?? {};
      return host === undefined || port === undefined ? [] : [{ host, port }];
    });
}

interface ClusterStatus {
  readonly name?: string;
  readonly observability_name?: string;
  readonly host_statuses?: readonly {
    readonly address?: {
      readonly socket_address?: { readonly address?: string; readonly port_value?: number };
    };
  }[];
}

function statusesOf(statuses: unknown): readonly ClusterStatus[] {
  return (statuses as { cluster_statuses?: readonly ClusterStatus[] } | null)?.cluster_statuses ?? [];
}

function sectionsOf(dump: unknown): readonly Section[] {
  return (dump as { configs?: readonly Section[] } | null)?.configs ?? [];
}

function listenersNamed(sections: readonly Section[], name: string): Json[] {
  return sections
    .flatMap(({ static_listeners: fixed = [], dynamic_listeners: dynamic = [] }) => fixed.concat(dynamic))
    .filter((listener) => nameOf(listener, "listener") === name);
}

/** `{ name }`, or `{ active_state: { listener: { name } } }`, or `{ listener: { name } }`. */
function nameOf(entry: Json, kind: "listener" | "route_config"): string | undefined {
  const { active_state: state, ...rest } = (entry ?? {}) as Record<string, Json>;
  const inner = ((state as Record<string, Json> | undefined) ?? rest)[kind];
  const { name } = (inner ?? rest) as { name?: Json };
  return typeof name === "string" ? name : undefined;
}

function valuesOf(json: Json, key: string): Set<string> {
  return new Set(objectsOf(json, key).filter((value) => typeof value === "string"));
}

/** What stands under `key`, at whatever depth. */
function objectsOf(json: Json, key: string): Json[] {
  if (Array.isArray(json)) return json.flatMap((part) => objectsOf(part, key));
  if (typeof json !== "object" || json === null) return [];
  return Object.entries(json).flatMap(([name, part]) => {
    const within = objectsOf(part, key);
    if (name === key) within.unshift(part);
    return within;
  });
}
