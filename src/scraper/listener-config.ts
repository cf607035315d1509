/** Envoy's `/config_dump` → its listeners, and the mode that each is configured for. Pure. */

import type { Mode } from "../plan/mode.ts";

/** One listener as Envoy holds it. */
export interface ConfiguredListener {
  /** Empty where the configuration gives none. */
  readonly name: string;
  /** Its name within stats: `listener.<statName>.…` */
  readonly statName: string;
  /** `127.0.0.1:10000`, `[::]:10000`, or another kind of address in words. */
  readonly address: string;
  /** Where it listens for TCP; `null` for UDP, pipes and internal listeners. */
  readonly tcp: TcpAddress | null;
  /** The path at which it listens, where that is a Unix domain socket. */
  readonly pipe: string | null;
  /** `null` where it is none of the modes known here; then `problem` says so. */
  readonly mode: Mode | null;
  readonly reusePort: boolean;
  /** `false`: it has no socket, and another listener hands connections over to it (`bind_to_port`). */
  readonly bound: boolean;
  /** It hands connections over to the listener of their original destination (`use_original_dst`): Istio's virtual ones. */
  readonly handsOver: boolean;
  readonly state: "active" | "warming" | "draining";
  /** It came by LDS, and may be updated while Envoy runs. */
  readonly dynamic: boolean;
  /** In words, what keeps the configuration from being in effect as it stands; `null` for nothing. */
  readonly problem: string | null;
}

export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

interface SocketAddress {
  readonly protocol?: string;
  readonly address?: string;
  readonly port_value?: number;
}

interface Address {
  readonly socket_address?: SocketAddress;
  readonly pipe?: { readonly path?: string };
}

interface Listener {
  readonly name?: string;
  readonly stat_prefix?: string;
  readonly address?: Address;
  readonly bind_to_port?: boolean;
  readonly use_original_dst?: boolean | { readonly value?: boolean };
  readonly enable_reuse_port?: boolean | { readonly value?: boolean };
  readonly reuse_port?: boolean;
  readonly connection_balance_config?: Readonly<Record<string, unknown>>;
}

interface DynamicListener {
  readonly name?: string;
  readonly active_state?: { readonly listener?: Listener };
  readonly warming_state?: { readonly listener?: Listener };
  readonly draining_state?: { readonly listener?: Listener };
  readonly error_state?: { readonly details?: string };
}

interface ListenersDump {
  readonly static_listeners?: readonly { readonly listener?: Listener }[];
  readonly dynamic_listeners?: readonly DynamicListener[];
}

/**
 * All listeners, static ones first. `version` is Envoy's (`1.40.0`): before 1.20 an absent `enable_reuse_port` meant
 * false. `statuses` is the JSON of `/listeners`, for the real port of a listener configured with port 0.
 */
export function parseListeners(
  dump: unknown,
  { version, statuses }: { version: string; statuses: unknown },
): ConfiguredListener[] {
  const sections = (dump as { configs?: readonly ListenersDump[] } | null)?.configs ?? [];
  const context = { reusePortDefault: reusePortDefault(version), bound: parseStatuses(statuses) };
  const fixed = sections.flatMap(({ static_listeners = [] }) => static_listeners);
  const dynamic = sections.flatMap(({ dynamic_listeners = [] }) => dynamic_listeners);
  return [
    ...fixed.flatMap(({ listener }) => (listener === undefined ? [] : [describe(listener, context)])),
    ...dynamic.flatMap((entry) => describeDynamic(entry, context)),
  ];
}

interface Context {
  readonly reusePortDefault: boolean;
  readonly bound: ReadonlyMap<string, SocketAddress>;
}

function describeDynamic(entry: DynamicListener, context: Context): ConfiguredListener[] {
  const { active_state, warming_state, draining_state, error_state } = entry;
  const rejected =
    error_state === undefined
      ? null
      : `its last update was rejected: ${error_state.details ?? "no reason given"}`;
  const [listener, state, problem] =
    active_state?.listener !== undefined
      ? [active_state.listener, "active" as const, warming_state && "an update of it is still warming"]
      : warming_state?.listener !== undefined
        ? [warming_state.listener, "warming" as const, "it is still warming and accepts nothing"]
        : [draining_state?.listener, "draining" as const, "it is draining and accepts nothing new"];
  if (listener === undefined) return [];
  const described = describe({ ...listener, name: listener.name ?? entry.name ?? "" }, context);
  return [{ ...described, state, dynamic: true, problem: rejected ?? problem ?? described.problem }];
}

function describe(listener: Listener, { reusePortDefault, bound }: Context): ConfiguredListener {
  const { name = "", address = {}, connection_balance_config: balance = {} } = listener;
  const configured = address.socket_address;
  const socket = configured && { ...configured, port_value: portOf(configured, bound.get(name)) };
  const tcp =
    socket?.address !== undefined && socket.protocol !== "UDP"
      ? { host: socket.address, port: socket.port_value }
      : null;
  const pipe = address.pipe?.path ?? null;
  // A Unix domain socket is one, whatever `enable_reuse_port` says: tried on 1.40.
  const reusePort = pipe === null && (reusePortOf(listener) ?? reusePortDefault);
  const [balancer] = Object.keys(balance);
  const known = balancers.find((kind) => kind === balancer);
  const foreign = known === undefined ? balancer : undefined;
  const mode = known ?? (reusePort ? "reuse_port" : "default");
  return {
    name,
    statName: listener.stat_prefix || statAddress(address),
    address: addressInWords(address, socket),
    tcp,
    pipe,
    mode: (tcp === null && pipe === null) || foreign !== undefined ? null : mode,
    reusePort,
    bound: listener.bind_to_port !== false,
    handsOver: isTrue(listener.use_original_dst),
    state: "active",
    dynamic: false,
    problem:
      foreign === undefined ? null : `its connections are balanced by ${foreign}, which is none of the modes`,
  };
}

/** Those of `connection_balance_config`: Envoy's own doing, whatever the sockets are. */
const balancers = ["exact_balance", "cpu_locality_balance"] as const;

function reusePortOf({ enable_reuse_port: enabled, reuse_port }: Listener): boolean | undefined {
  if (typeof enabled === "object") return enabled.value ?? false;
  return enabled ?? (reuse_port === true ? true : undefined);
}

function isTrue(flag: boolean | { readonly value?: boolean } | undefined): boolean {
  return typeof flag === "object" ? flag.value === true : flag === true;
}

function reusePortDefault(version: string): boolean {
  const [, major = "1", minor = "20"] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) > 1 || Number(minor) >= 20;
}

function portOf({ port_value: port = 0 }: SocketAddress, real: SocketAddress | undefined): number {
  return port === 0 ? (real?.port_value ?? 0) : port;
}

function parseStatuses(statuses: unknown): Map<string, SocketAddress> {
  const rows = (
    statuses as { listener_statuses?: readonly { name?: string; local_address?: Address }[] } | null
  )?.listener_statuses;
  return new Map(
    (rows ?? []).map(({ name = "", local_address }) => [name, local_address?.socket_address ?? {}]),
  );
}

/** `[::1]:80`, `127.0.0.1:80`. */
export function hostAndPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

// Envoy takes the configured address, port 0 too, and replaces what would separate parts of a stat's name.
function statAddress({ socket_address: socket, pipe }: Address): string {
  const address =
    socket === undefined ? (pipe?.path ?? "") : hostAndPort(socket.address ?? "", socket.port_value ?? 0);
  return address.replaceAll(":", "_");
}

function addressInWords({ pipe }: Address, socket: SocketAddress | undefined): string {
  if (pipe !== undefined) return `pipe ${pipe.path ?? ""}`;
  if (socket?.address === undefined) return "internal";
  return `${socket.protocol === "UDP" ? "udp " : ""}${hostAndPort(socket.address, socket.port_value ?? 0)}`;
}
