import { describe, expect, test } from "vitest";
import { createBootstrap, nextClusters } from "../../src/lab/bootstrap.ts";
import type { BootstrapInput } from "../../src/lab/bootstrap.ts";
import { modes } from "../../src/plan/mode.ts";
import type { Mode } from "../../src/plan/mode.ts";

interface Listener {
  name: string;
  stat_prefix: string;
  address: { socket_address: { address: string; port_value: number } };
  enable_reuse_port: boolean;
  connection_balance_config?: unknown;
  filter_chains: { filters: { typed_config: Record<string, unknown> }[] }[];
}

interface Bootstrap {
  admin: { address: Listener["address"] };
  enable_dispatcher_stats: boolean;
  static_resources: { listeners: Listener[]; clusters?: Record<string, unknown>[] };
}

function bootstrap(changes: Partial<BootstrapInput> = {}): Bootstrap {
  const listeners = modes.map((mode, index) => ({ mode, port: 8081 + index }));
  return createBootstrap({
    adminPort: 9901,
    listeners,
    upstream: null,
    workFile: null,
    tls: null,
    ...changes,
  }) as Bootstrap;
}

function scriptOf(workFile: string | null): string {
  return JSON.stringify(bootstrap({ workFile }).static_resources.listeners[0]);
}

function connectionManager(listener: Listener): Record<string, unknown> {
  return listener.filter_chains[0]!.filters[0]!.typed_config;
}

describe("a listener of each mode", () => {
  const rows: [Mode, boolean, unknown, string][] = [
    [
      "default",
      false,
      undefined,
      "one shared socket, which Envoy must be told: its own default is reuse_port",
    ],
    ["reuse_port", true, undefined, "a socket for each worker"],
    ["exact_balance", false, { exact_balance: {} }, "Envoy itself decides"],
    ["cpu_locality_balance", true, { cpu_locality_balance: {} }, "the CPU that received it decides"],
  ];
  test.each(rows)("%s: enable_reuse_port %s, balance %j (%s)", (mode, reusePort, balance) => {
    const [listener] = bootstrap({ listeners: [{ mode, port: 7000 }] }).static_resources.listeners;
    expect(listener!.enable_reuse_port).toBe(reusePort);
    expect(listener!.connection_balance_config).toEqual(balance);
    expect([listener!.name, listener!.stat_prefix, connectionManager(listener!)["stat_prefix"]]).toEqual([
      mode,
      mode,
      mode,
    ]);
  });

  test("ends connections only where it is asked to, and never those of the calibration", () => {
    const { listeners } = bootstrap({
      listeners: [{ mode: "default", port: 7001 }],
      limits: { maxRequests: 100, maxDurationUs: 2_500_000 },
      calibrationPort: 7009,
    }).static_resources;
    expect(
      listeners.map((one) => [one.name, connectionManager(one)["common_http_protocol_options"]]),
    ).toEqual([
      ["default", { idle_timeout: "0s", max_requests_per_connection: 100, max_connection_duration: "2.5s" }],
      ["calibration", { idle_timeout: "0s" }],
    ]);
  });

  test("stands on loopback, at its own port, in the order asked for", () => {
    const { listeners } = bootstrap({
      listeners: [
        { mode: "exact_balance", port: 7002 },
        { mode: "default", port: 7001 },
      ],
    }).static_resources;
    expect(listeners.map(({ name, address }) => [name, address.socket_address])).toEqual([
      ["exact_balance", { address: "127.0.0.1", port_value: 7002 }],
      ["default", { address: "127.0.0.1", port_value: 7001 }],
    ]);
  });

  test("keeps connections and streams for as long as the client likes, and logs no request", () => {
    for (const listener of bootstrap().static_resources.listeners) {
      const manager = connectionManager(listener);
      expect(manager).toMatchObject({
        codec_type: "AUTO",
        generate_request_id: false,
        common_http_protocol_options: { idle_timeout: "0s" },
        stream_idle_timeout: "0s",
      });
      expect(Object.keys(manager)).not.toContain("access_log");
    }
  });
});

test("the admin answers on loopback only", () => {
  expect(bootstrap({ adminPort: 9999 }).admin.address.socket_address).toEqual({
    address: "127.0.0.1",
    port_value: 9999,
  });
  expect(bootstrap().enable_dispatcher_stats).toBe(true);
});

describe("what answers", () => {
  test("is Envoy itself where there is no upstream", () => {
    const { clusters, listeners } = bootstrap().static_resources;
    expect(clusters).toBeUndefined();
    expect(JSON.stringify(listeners)).toContain(
      '"direct_response":{"status":200,"body":{"inline_string":"ok"}}',
    );
  });

  test.each([
    ["http/1.1", "http_protocol_options"],
    ["h2c", "http2_protocol_options"],
  ] as const)("is a cluster of one %s server where there is one (%s)", (protocol, options) => {
    const { clusters, listeners } = bootstrap({ upstream: { port: 6000, protocol } }).static_resources;
    const text = JSON.stringify(clusters);
    expect(clusters).toHaveLength(1);
    expect(text).toContain('"socket_address":{"address":"127.0.0.1","port_value":6000}');
    expect(text).toContain(`"explicit_http_config":{"${options}":{}}`);
    expect(text).toContain('"max_retries":0');
    expect(JSON.stringify(listeners)).not.toContain("direct_response");
    expect(JSON.stringify(listeners)).toContain('"route":{"cluster":"upstream","timeout":"0s"}');
  });
});

describe("the script of the workers", () => {
  test("stamps the response and leaves requests alone where there is no work", () => {
    expect(scriptOf(null)).toContain("envoy_on_response");
    expect(scriptOf(null)).not.toContain("envoy_on_request");
  });

  test("reads the turns to burn from the work file", () => {
    expect(scriptOf("/tmp/turns")).toContain("envoy_on_request");
    expect(scriptOf("/tmp/turns")).toContain("/tmp/turns");
  });
});

describe("a chain", () => {
  const listeners = [
    { mode: "default", port: 1, nextPort: 11 },
    { mode: "reuse_port", port: 2, nextPort: 12 },
  ] as const;

  test("each listener leads to its like in the next Envoy, by a cluster of its own", () => {
    const { static_resources: fixed } = bootstrap({ listeners, clustersFile: "/clusters.json" });
    const routes = fixed.listeners.map((listener) =>
      JSON.stringify(connectionManager(listener)["route_config"]),
    );
    expect(routes[0]).toContain('"cluster":"next_default"');
    expect(routes[1]).toContain('"cluster":"next_reuse_port"');
    const { resources } = nextClusters({ listeners }, 3) as { resources: { name: string }[] };
    expect(resources.map(({ name }) => name)).toEqual(["next_default", "next_reuse_port"]);
    expect(JSON.stringify(resources[1])).toContain('"port_value":12');
  });

  test("another generation is another cluster to Envoy, which compares what they hold", () => {
    const one = nextClusters({ listeners }, 1) as { resources: object[] };
    expect(nextClusters({ listeners }, 1)).toEqual(one);
    expect((nextClusters({ listeners }, 2) as typeof one).resources).not.toEqual(one.resources);
  });
});
