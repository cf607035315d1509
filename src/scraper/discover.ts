/** Before the load: who is behind the target, and which of its listeners is driven. */

import { resolve } from "node:path";
import { MeshLoadError } from "../errors.ts";
import type { TargetPlan } from "../plan/plan.ts";
import type { ModeProof } from "../result/result.ts";
import { findByPlace, findByName, resolveAddresses, withWildcards } from "./addresses.ts";
import type { Admin, ServerInfo } from "./admin.ts";
import { parseListeners } from "./listener-config.ts";
import type { ConfiguredListener, TcpAddress } from "./listener-config.ts";
import { findEnvoyBelow, findProcess, lookAtProcess } from "./process.ts";
import type { ProcessView } from "./process.ts";
import { listenersOf } from "./prometheus.ts";
import { countListening, proveMode } from "./proof.ts";
import type { ListeningSockets } from "./proof.ts";
import { processExists } from "./procfs.ts";
import { refuseRivals } from "./rivals.ts";
import { listeningAt } from "./sockets-table.ts";
import type { Place } from "./sockets-table.ts";
import { parseCounter } from "./stats.ts";
import { whyHidden } from "./stats-matcher.ts";
import { logDeniesSteering } from "./steering.ts";

/** What an admin says of its Envoy. */
export interface EnvoyView {
  /** `null` where it shows nothing but stats. */
  readonly server: ServerInfo | null;
  readonly listeners: readonly ConfiguredListener[];
  /** Envoy has updated some listener in place since it started. */
  readonly updatedInPlace: boolean;
  /** Workers that are pinned to a CPU of their own; `null` before Envoy 1.39. */
  readonly pinned: number | null;
  /** What its stats matcher does to a stat of this name; see `whyHidden`. */
  readonly whyHidden: (name: string) => ReturnType<typeof whyHidden>;
}

/** Whom to watch, and how it is reached. */
export interface WatchedTarget extends Pick<
  TargetPlan,
  "mode" | "url" | "admin" | "pid" | "listener" | "bootstrap"
> {
  /** The Unix domain socket that is driven, whatever the URL's host; `null` or absent = TCP. */
  readonly unixSocket?: string | null;
}

/** All that is known before the load. */
export interface Discovery {
  readonly admin: Admin | null;
  readonly server: ServerInfo | null;
  readonly listener: ConfiguredListener | null;
  /** Where connections for it are accepted; none where that is not known. */
  readonly ports: ReadonlySet<number>;
  readonly process: ProcessView | null;
  /** Of the process that was found, one that does not listen there too. */
  readonly pid: number | null;
  readonly proof: ModeProof;
  /** What hides the stats of the listener's workers, should they be missing. */
  readonly hidden: ReturnType<typeof whyHidden>;
  /** In words, why workers, sockets or CPU are out of sight. */
  readonly obstacles: readonly string[];
}

/** Reads an Envoy. @throws MeshLoadError ADMIN_UNREACHABLE, ADMIN_NOT_ENVOY */
export async function readEnvoy(admin: Admin): Promise<EnvoyView> {
  const server = await admin.serverInfo();
  if (server === null) return readStatsPage(admin);
  const dump = await admin.configDump();
  const statuses = await admin.listeners();
  const stats = await admin.stats("^listener_manager\\.(listener_in_place_updated|workers_pinned)$");
  return {
    server,
    listeners: parseListeners(dump, { version: server.version, statuses }),
    updatedInPlace: (parseCounter(stats, "listener_manager.listener_in_place_updated") ?? 0) > 0,
    pinned: parseCounter(stats, "listener_manager.workers_pinned"),
    whyHidden: (name) => whyHidden(dump, name),
  };
}

async function readStatsPage(admin: Admin): Promise<EnvoyView> {
  const { stats } = (await admin.stats("^listener\\.")) as { stats: { name: string; value: number }[] };
  if (stats.length === 0)
    throw new MeshLoadError("ADMIN_NOT_ENVOY", `${admin.url} shows no stats of an Envoy's listeners`, {
      hint: "Istio shows them where proxyStatsMatcher includes the prefix `listener`.",
    });
  return {
    server: null,
    listeners: listenersOf(stats),
    updatedInPlace: false,
    pinned: null,
    whyHidden: () => null,
  };
}

/**
 * The server's process: the Envoy that the one asked for is or has started, else the one itself, else the admin's. An
 * Envoy with an admin is told by that one's socket, another server by the `place` that it listens at. In words where it
 * is out of sight.
 *
 * @throws MeshLoadError PROCESS_NOT_FOUND where there is no process `pid`
 */
export async function seeProcess(
  pid: number | null,
  adminUrl: string | null,
  place: Place = [],
): Promise<ProcessView | string | null> {
  if (pid === null) {
    const found = adminUrl === null ? null : await findProcess(adminUrl);
    return typeof found === "number" ? lookAtProcess(found) : found;
  }
  if (!processExists(pid))
    throw new MeshLoadError("PROCESS_NOT_FOUND", `there is no process ${pid} (-pid)`, {
      hint: "Give the PID as it is on this machine (a container has its own), or leave -pid out.",
    });
  if (adminUrl === null) return lookAtProcess(await findEnvoyBelow(pid, place), place);
  return lookAtProcess(await findEnvoyBelow(pid, withWildcards(await resolveAddresses(adminUrl))));
}

/**
 * Discovers what is behind `target`. An admin, a process or a listener that a person named must be there; anything else may be
 * missing, and is told in `obstacles`. `upstreams` is where the proxy before it in a chain sends requests, in place of the
 * URL; an only listener is taken for it where none has such an address (they may be redirected).
 *
 * @throws MeshLoadError ADMIN_UNREACHABLE, ADMIN_NOT_ENVOY, PLAN_IMPOSSIBLE, PROCESS_NOT_FOUND; ENVOY_FAILED as `refuseRivals`
 */
export async function discover(
  target: WatchedTarget,
  upstreams: readonly TcpAddress[] | null = null,
): Promise<Discovery> {
  // Loaded late: its HTTP client is the largest package, and a target without an admin needs none of it.
  const admin = target.admin === null ? null : (await import("./admin.ts")).createAdmin(target.admin);
  try {
    const envoy = admin === null ? null : await readEnvoy(admin);
    const driven = upstreams ?? (await drivenPlace(target));
    const chosen = envoy === null ? null : chooseListener(envoy.listeners, target, driven);
    const listener = chosen ?? (upstreams === null ? null : onlyOne(envoy?.listeners ?? []));
    const via = envoy === null ? null : handingOverTo(listener, envoy.listeners);
    const accepting = via ?? listener;
    const open = typeof driven === "string" ? driven : withWildcards(driven);
    const place = (accepting && placeOf(accepting)) ?? open;
    const seen = await seeProcess(target.pid, target.admin, place);
    const process = typeof seen === "string" ? null : seen;
    if (target.bootstrap !== undefined && process !== null && typeof driven !== "string")
      await refuseRivals(process, driven, target.bootstrap.file);
    const proof = proveMode({
      listener,
      via,
      sockets: process === null ? null : socketsAt(process, place),
      workers: envoy?.server?.concurrency ?? process?.workers.size ?? null,
      updatedInPlace: envoy?.updatedInPlace ?? false,
      pinned: envoy?.pinned ?? null,
      steeringDenied: isSteeringDenied(process, listener),
      foreign: envoy === null && process?.isEnvoy === false,
      obstacle:
        envoy !== null && listener === null ? noListener(target) : typeof seen === "string" ? seen : null,
    });
    const stranger = process !== null && isStranger(process, { listener, proof });
    const obstacles = [
      ...(typeof seen === "string"
        ? [`the CPU of its workers and the kernel's proof of the mode are out of sight: ${seen}`]
        : []),
      ...(stranger ? [notListening(process)] : obstaclesOf(process, envoy !== null)),
    ];
    if (envoy !== null && listener === null) obstacles.push(noListener(target));
    // What is measured of a stranger's threads would be told of the server's workers.
    const own = stranger ? null : process;
    const hidden =
      listener === null
        ? null
        : envoy!.whyHidden(`listener.${listener.statName}.worker_0.downstream_cx_active`);
    const ports = new Set(typeof place === "string" ? [] : place.map(({ port }) => port));
    return {
      admin,
      server: envoy?.server ?? null,
      listener,
      ports,
      process: own,
      pid: process?.pid ?? null,
      proof,
      hidden,
      obstacles,
    };
  } catch (error) {
    await admin?.[Symbol.asyncDispose]();
    throw error;
  }
}

async function drivenPlace({ url, unixSocket = null }: WatchedTarget): Promise<Place> {
  return unixSocket === null ? resolveAddresses(url) : resolve(unixSocket);
}

/** Where a listener accepts connections; `null` where it is for none. */
export function placeOf({ tcp, pipe }: ConfiguredListener): Place | null {
  return tcp === null ? pipe : [tcp];
}

/** The sockets of a process at `place`; `null` where they cannot be seen. */
export function socketsAt(process: ProcessView, place: Place): ListeningSockets | null {
  const inodes = listeningAt(process, place);
  return inodes === null ? null : countListening(inodes, process.descriptors);
}

/** The listener that hands connections over to `listener`, where that has no socket of its own; see `Evidence.via`. */
export function handingOverTo(
  listener: ConfiguredListener | null,
  listeners: readonly ConfiguredListener[],
): ConfiguredListener | null {
  if (listener === null || listener.bound) return null;
  return listeners.find(({ handsOver, bound, state }) => handsOver && bound && state === "active") ?? null;
}

/** See `Evidence.steeringDenied`. */
export function isSteeringDenied(process: ProcessView | null, listener: ConfiguredListener | null): boolean {
  if (process === null || listener?.mode !== "cpu_locality_balance") return false;
  return logDeniesSteering(process.pid, listener.name);
}

function chooseListener(
  listeners: readonly ConfiguredListener[],
  { listener: name, admin }: WatchedTarget,
  driven: Place,
): ConfiguredListener | null {
  if (name === null) return findByPlace(listeners, driven);
  const found = findByName(listeners, name);
  if (found !== null) return found;
  const names = listeners.map((listener) => listener.name || listener.address).slice(0, 8);
  throw new MeshLoadError(
    "PLAN_IMPOSSIBLE",
    `-listener ${name}: the Envoy at ${admin} has no such listener`,
    {
      hint: names.length === 0 ? "It has no listener at all." : `It has ${names.join(", ")}.`,
    },
  );
}

function noListener({ url, unixSocket = null, admin }: WatchedTarget): string {
  const where =
    unixSocket !== null
      ? `at ${unixSocket}`
      : url === ""
        ? "where the proxy before it sends its requests"
        : `on the address of ${url}`;
  return `the Envoy at ${admin} has no listener ${where} (-listener NAME says which one it is)`;
}

function onlyOne(listeners: readonly ConfiguredListener[]): ConfiguredListener | null {
  const open = listeners.filter(({ bound, tcp, state }) => bound && tcp !== null && state === "active");
  return open.length === 1 ? open[0]! : null;
}

/** A process that we may look into, and that does not listen where the load goes. */
function isStranger(
  { descriptors, sameNetwork }: ProcessView,
  { listener, proof }: { listener: ConfiguredListener | null; proof: ModeProof },
): boolean {
  // In another network the port may have been published under another number.
  if (descriptors === null || sameNetwork === false) return false;
  return proof.sockets === 0 && (listener === null || listener.bound);
}

function notListening({ pid, command }: ProcessView): string {
  return `process ${pid} (${command}) does not listen on the address that is driven: nothing is told of it`;
}

function obstaclesOf(process: ProcessView | null, hasEnvoy: boolean): string[] {
  if (process === null) return [];
  const { pid, command, isEnvoy, workers, descriptors, sameNetwork } = process;
  const obstacles: string[] = [];
  if (hasEnvoy && !isEnvoy)
    obstacles.push(`process ${pid} (${command}) has no thread named wrk:worker_N, as Envoy's are`);
  if (descriptors === null)
    obstacles.push(`the descriptors of process ${pid} may be read by its own user or root only`);
  else if (workers.size === 0 && !hasEnvoy)
    obstacles.push(`no thread of process ${pid} (${command}) waits for events in an epoll instance`);
  if (sameNetwork === false)
    obstacles.push(
      `process ${pid} lives in another network namespace: its ports may not be those of the URL`,
    );
  return obstacles;
}
