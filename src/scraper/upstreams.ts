/** Where a listener of Envoy sends its requests: the clusters of its routes, and their endpoints. Pure. */

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
  const sections = (dump as { configs?: readonly Section[] } | null)?.configs ?? [];
  const listeners = sections.flatMap(({ static_listeners: fixed = [], dynamic_listeners: dynamic = [] }) =>
    fixed.concat(dynamic),
  );
  const routes = sections.flatMap(
    ({ static_route_configs: fixed = [], dynamic_route_configs: dynamic = [] }) => fixed.concat(dynamic),
  );
  const own = listeners.filter((listener) => nameOf(listener, "listener") === name);
  const named = valuesOf(own, "route_config_name");
  const configs = routes.filter((route) => named.has(nameOf(route, "route_config") ?? ""));
  const found = valuesOf([own, configs], "cluster");
  for (const weighted of objectsOf([own, configs], "weighted_clusters"))
    for (const cluster of valuesOf(weighted, "name")) found.add(cluster);
  return found;
}

/** The endpoints of `clusters`, out of `/clusters?format=json`. */
export function endpointsOf(statuses: unknown, clusters: ReadonlySet<string>): TcpAddress[] {
  const rows =
    (
      statuses as {
        cluster_statuses?: readonly {
          name?: string;
          host_statuses?: readonly {
            address?: { socket_address?: { address?: string; port_value?: number } };
          }[];
        }[];
      } | null
    )?.cluster_statuses ?? [];
  return rows
    .filter(({ name = "" }) => clusters.has(name))
    .flatMap(({ host_statuses: hosts = [] }) => hosts)
    .flatMap(({ address }) => {
      const { address: host, port_value: port } = address?.socket_address ?? {};
      return host === undefined || port === undefined ? [] : [{ host, port }];
    });
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
