import { describe, expect, it } from "vitest";
import { createBootstrap } from "../../src/lab/bootstrap.ts";
import { clustersOf, endpointsOf } from "../../src/scraper/upstreams.ts";

const route = (cluster: object) => ({ virtual_hosts: [{ routes: [{ route: cluster }] }] });

const listener = (name: string) => ({
  name,
  active_state: { listener: { name, filter_chains: [{ rds: { route_config_name: `to ${name}` } }] } },
});

const host = (address: string, port_value: number) => ({
  address: { socket_address: { address, port_value } },
});

describe("clustersOf", () => {
  it("finds where each listener of a chain's first Envoy leads", () => {
    const bootstrap = createBootstrap({
      adminPort: 1,
      listeners: [
        { mode: "default", port: 2, nextPort: 4 },
        { mode: "reuse_port", port: 3, nextPort: 5 },
      ],
      upstream: null,
      workFile: null,
      tls: null,
    }) as { static_resources: { listeners: unknown[] } };
    const dump = {
      configs: [
        { bootstrap },
        { static_listeners: bootstrap.static_resources.listeners.map((listener) => ({ listener })) },
      ],
    };
    expect(clustersOf(dump, "default")).toEqual(new Set(["next_default"]));
    expect(clustersOf(dump, "reuse_port")).toEqual(new Set(["next_reuse_port"]));
    expect(clustersOf(dump, "other")).toEqual(new Set());
  });

  it("follows routes that came by RDS, and weights", () => {
    const weights = {
      clusters: [
        { name: "v1", weight: 9 },
        { name: "v2", weight: 1 },
      ],
    };
    const dump = {
      configs: [
        { dynamic_listeners: [listener("out"), listener("other")] },
        {
          dynamic_route_configs: [
            { route_config: { name: "to out", ...route({ weighted_clusters: weights }) } },
            { route_config: { name: "to other", ...route({ cluster: "elsewhere" }) } },
          ],
        },
      ],
    };
    expect(clustersOf(dump, "out")).toEqual(new Set(["v1", "v2"]));
  });
});

describe("endpointsOf", () => {
  it("takes the endpoints of those clusters alone", () => {
    const statuses = {
      cluster_statuses: [
        { name: "a", host_statuses: [host("10.0.0.1", 80), host("10.0.0.2", 80)] },
        { name: "b", host_statuses: [host("10.0.0.3", 80), { address: { pipe: {} } }] },
        { name: "c" },
      ],
    };
    expect(endpointsOf(statuses, new Set(["a", "c"]))).toEqual([
      { host: "10.0.0.1", port: 80 },
      { host: "10.0.0.2", port: 80 },
    ]);
    expect(endpointsOf(null, new Set(["a"]))).toEqual([]);
  });
});
