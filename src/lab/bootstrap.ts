/** The lab's Envoy configuration. Pure: ports and modes in, Envoy's v3 bootstrap out. */

import type { Mode } from "../plan/mode.ts";
import type { ConnectionLimits, UpstreamPlan } from "../plan/plan.ts";
import type { Identity } from "./certificate.ts";
import { workerScript } from "./worker-script.ts";

export interface BootstrapInput {
  readonly adminPort: number;
  /** `nextPort` is where its like in the next Envoy of a chain listens; absent = requests go to `upstream`. */
  readonly listeners: readonly ListenerPlace[];
  /** When the listeners end a connection; absent = never. */
  readonly limits?: ConnectionLimits | undefined;
  /** Port of one more listener, without limits, on which work is calibrated; absent = none. */
  readonly calibrationPort?: number | undefined;
  /** The same listener in the next Envoy; absent = none. */
  readonly calibrationNextPort?: number | undefined;
  /** File of the clusters that lead to the next Envoy (`nextClusters`), which may be written anew; absent = none leads there. */
  readonly clustersFile?: string | undefined;
  /** Where requests go, or `null` for a direct response. */
  readonly upstream: { readonly port: number; readonly protocol: UpstreamPlan["protocol"] } | null;
  /** File that will hold the turns to burn on each request, or `null` for no work at all. */
  readonly workFile: string | null;
  /** What the listeners show to clients of TLS, or `null` for plain text. */
  readonly tls: Identity | null;
}

export interface ListenerPlace {
  readonly mode: Mode;
  readonly port: number;
  readonly nextPort?: number | undefined;
}

const typeUrl = "type.googleapis.com/envoy.extensions";
const hcmName = "envoy.filters.network.http_connection_manager";

/** What decides at accept, in Envoy's words; `default` must write `false`, for Envoy's own default is `true`. */
const balanceOf: Readonly<Record<Mode, object>> = {
  default: { enable_reuse_port: false },
  reuse_port: { enable_reuse_port: true },
  exact_balance: { enable_reuse_port: false, connection_balance_config: { exact_balance: {} } },
  cpu_locality_balance: { enable_reuse_port: true, connection_balance_config: { cpu_locality_balance: {} } },
};

/**
 * Envoy's bootstrap as a JSON value: one listener a mode, named and counted (`stat_prefix`) by the mode.
 *
 * @example createBootstrap({ adminPort: 9901, listeners: [{ mode: "default", port: 8081 }], upstream: null, workFile: null, tls: null })
 */
export function createBootstrap(input: BootstrapInput): object {
  return {
    enable_dispatcher_stats: true,
    // It steers to the worker that is pinned to the CPU; workers are pinned for all listeners or for none.
    ...(input.listeners.some(({ mode }) => mode === "cpu_locality_balance")
      ? { enable_worker_cpu_affinity: true }
      : {}),
    // Histograms of /stats move only at a flush, and a run may be shorter than the usual 5 s.
    stats_flush_interval: "1s",
    admin: { address: loopback(input.adminPort) },
    ...dynamicClusters(input.clustersFile),
    static_resources: {
      listeners: [
        ...input.listeners.map((place) => listener(place.mode, { ...input, ...place })),
        ...(input.calibrationPort === undefined
          ? []
          : [
              listener("calibration", {
                ...input,
                mode: "default",
                port: input.calibrationPort,
                nextPort: input.calibrationNextPort,
                limits: undefined,
              }),
            ]),
      ],
      ...(input.upstream === null ? {} : { clusters: [upstreamCluster(input.upstream)] }),
    },
  };
}

function listener(name: string, { mode, port, ...input }: BootstrapInput & ListenerPlace): object {
  return {
    name,
    stat_prefix: name,
    address: loopback(port),
    ...balanceOf[mode],
    // A burst of connections must wait in the queue, not for the client's second SYN.
    tcp_backlog_size: 4096,
    filter_chains: [
      {
        filters: [connectionManager(name, input)],
        ...(input.tls === null ? {} : { transport_socket: transportSocket(input.tls) }),
      },
    ],
  };
}

function loopback(port: number): object {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}

function transportSocket({ certificate, key }: Identity): object {
  return {
    name: "envoy.transport_sockets.tls",
    typed_config: {
      "@type": `${typeUrl}.transport_sockets.tls.v3.DownstreamTlsContext`,
      common_tls_context: {
        alpn_protocols: ["h2", "http/1.1"],
        tls_certificates: [
          { certificate_chain: { inline_string: certificate }, private_key: { inline_string: key } },
        ],
      },
    },
  };
}

function connectionManager(
  name: string,
  { upstream, workFile, limits, nextPort }: BootstrapInput & Pick<ListenerPlace, "nextPort">,
): object {
  const route =
    upstream === null && nextPort === undefined
      ? { direct_response: { status: 200, body: { inline_string: "ok" } } }
      : { route: { cluster: nextPort === undefined ? "upstream" : nextOf(name), timeout: "0s" } };
  return {
    name: hcmName,
    typed_config: {
      "@type": `${typeUrl}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: name,
      // HTTP/1.1 and HTTP/2 on the same port: as ALPN says, or without TLS by prior knowledge.
      codec_type: "AUTO",
      generate_request_id: false,
      // Nothing here ends a connection or a stream before the client does, unless it is asked for.
      common_http_protocol_options: { idle_timeout: "0s", ...limitOptions(limits) },
      stream_idle_timeout: "0s",
      http_filters: [
        filter("lua", "Lua", { default_source_code: { inline_string: workerScript(workFile) } }),
        filter("router", "Router", {}),
      ],
      route_config: {
        name,
        ...(nextPort === undefined ? {} : { validate_clusters: false }),
        virtual_hosts: [{ name: "all", domains: ["*"], routes: [{ match: { prefix: "/" }, ...route }] }],
      },
    },
  };
}

function limitOptions(limits: ConnectionLimits | undefined): object {
  const { maxRequests = null, maxDurationUs = null } = limits ?? {};
  return {
    ...(maxRequests === null ? {} : { max_requests_per_connection: maxRequests }),
    ...(maxDurationUs === null ? {} : { max_connection_duration: `${maxDurationUs / 1e6}s` }),
  };
}

function filter(name: string, message: string, config: object): object {
  return {
    name: `envoy.filters.http.${name}`,
    typed_config: { "@type": `${typeUrl}.filters.http.${name}.v3.${message}`, ...config },
  };
}

// Envoy would refuse what the load asks for at 1024 connections or requests: a load test wants the real limit.
const unlimited = 1_000_000;

const nextOf = (name: string): string => `next_${name}`;

function dynamicClusters(path: string | undefined): object {
  if (path === undefined) return {};
  // Envoy asks for a node's name wherever anything is dynamic.
  const node = { id: "mesh-load", cluster: "mesh-load" };
  return {
    node,
    dynamic_resources: { cds_config: { resource_api_version: "V3", path_config_source: { path } } },
  };
}

/**
 * What `clustersFile` holds, for each listener that leads to another Envoy a cluster of its own: its connections are of no
 * other mode. Where `generation` is another, Envoy takes them for changed, and closes the connections of the old ones.
 */
export function nextClusters(
  { listeners, calibrationNextPort }: Pick<BootstrapInput, "listeners" | "calibrationNextPort">,
  generation: number,
): object {
  const places = [
    ...listeners.map(({ mode, nextPort }) => ({ name: mode as string, nextPort })),
    { name: "calibration", nextPort: calibrationNextPort },
  ];
  return {
    version_info: String(generation),
    resources: places.flatMap(({ name, nextPort }) =>
      nextPort === undefined
        ? []
        : [
            Object.assign(cluster(nextOf(name), nextPort, asDownstream), {
              "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
              metadata: { filter_metadata: { mesh_load: { generation } } },
            }),
          ],
    ),
  };
}

function upstreamCluster({ port, protocol }: NonNullable<BootstrapInput["upstream"]>): object {
  return cluster("upstream", port, { explicit_http_config: explicitly[protocol] });
}

/** As the client spoke, as sidecars do. */
const asDownstream = {
  use_downstream_protocol_config: { http_protocol_options: {}, http2_protocol_options: {} },
};

const explicitly = { h2c: { http2_protocol_options: {} }, "http/1.1": { http_protocol_options: {} } };

function cluster(name: string, port: number, protocol: object): object {
  return {
    name,
    type: "STATIC",
    connect_timeout: "5s",
    circuit_breakers: {
      thresholds: [
        {
          max_connections: unlimited,
          max_pending_requests: unlimited,
          max_requests: unlimited,
          max_retries: 0,
        },
      ],
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: loopback(port) } }] }],
    },
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": `${typeUrl}.upstreams.http.v3.HttpProtocolOptions`,
        ...protocol,
      },
    },
  };
}
