/** The process behind an admin: which one it is, and what procfs lets us see of it. */

import { readlink } from "node:fs/promises";
import { messageOf } from "../errors.ts";
import { isLocal, resolveAddresses, withWildcards } from "./addresses.ts";
import { read, readProcesses } from "./procfs.ts";
import {
  listeningAt,
  listeningOn,
  readSocketDescriptors,
  readTcpTable,
  readUnixTable,
} from "./sockets-table.ts";
import type { Place, SocketTables } from "./sockets-table.ts";
import { findEnvoys, findServerTasks, readEnvoyWorkers } from "./worker-tasks.ts";
import type { WorkerTasks } from "./worker-tasks.ts";

/** What can be seen of a process, and of the sockets of its network namespace; what cannot is `null`. */
export interface ProcessView extends SocketTables {
  readonly pid: number;
  /** Its command, without the path. */
  readonly command: string;
  /** Its threads are named as Envoy's are. */
  readonly isEnvoy: boolean;
  readonly workers: WorkerTasks;
  /** Inode of the socket behind each descriptor, of the workers' processes; needs the same user, or root. */
  readonly descriptors: readonly number[] | null;
  /** It shares our network namespace: its port numbers are ours. */
  readonly sameNetwork: boolean | null;
}

/**
 * Looks at process `pid`; in words where there is none to be seen. The workers of a server that is no Envoy are found by
 * the `place` that it listens at.
 */
export async function lookAtProcess(pid: number, place: Place = []): Promise<ProcessView | string> {
  const comm = read(`/proc/${pid}/comm`);
  if (comm === null) return `there is no process ${pid} on this machine, or its /proc is hidden`;
  const [tables, descriptors, network, ours] = await Promise.all([
    readTables(pid),
    readSocketDescriptors(pid).catch(() => null),
    readlink(`/proc/${pid}/ns/net`).catch(() => null),
    readlink("/proc/self/ns/net").catch(() => null),
  ]);
  const envoys = readEnvoyWorkers(pid);
  const isEnvoy = envoys.size > 0;
  const server =
    isEnvoy || tables.table === null || descriptors === null
      ? { workers: envoys, descriptors: descriptors && [...descriptors.values()] }
      : await findServerTasks(pid, listeningAt(tables, place) ?? new Set());
  return {
    pid,
    command: comm.trim(),
    isEnvoy,
    ...server,
    ...tables,
    sameNetwork: network === null || ours === null ? null : network === ours,
  };
}

/**
 * The process of a local admin: the one with Envoy's worker threads that holds the admin's listening socket.
 * `null` where the admin is on another machine; in words where it is here and cannot be seen.
 */
export async function findProcess(adminUrl: string): Promise<number | string | null> {
  const addresses = await resolveAddresses(adminUrl);
  if (!isLocal(addresses)) return null;
  const table = await readTcpTable(process.pid).catch(messageOf);
  if (typeof table === "string") return `procfs cannot be read: ${table}`;
  const inodes = listeningOn(table, withWildcards(addresses));
  const denied: number[] = [];
  for (const pid of likelyFirst(readProcesses())) {
    if (readEnvoyWorkers(pid).size === 0) continue;
    const descriptors = await readSocketDescriptors(pid).catch(() => null);
    if (descriptors === null) denied.push(pid);
    else if ([...descriptors.values()].some((inode) => inodes.has(inode))) return pid;
  }
  if (denied.length > 0)
    return `that Envoy may be process ${denied.join(" or ")}, but only its own user or root may look at its descriptors`;
  return "no process that we may see holds the admin's socket (a container, a forwarded port?)";
}

/**
 * The Envoy that process `pid` is or has started; `pid` where there is none. Of several it is the one that listens at
 * `place`.
 */
export async function findEnvoyBelow(pid: number, place: Place): Promise<number> {
  const envoys = findEnvoys(pid);
  if (envoys.length < 2) return envoys[0] ?? pid;
  for (const envoy of envoys) {
    const listening = listeningAt(await readTables(envoy), place);
    const descriptors = await readSocketDescriptors(envoy).catch(() => null);
    if ([...(descriptors?.values() ?? [])].some((inode) => listening?.has(inode))) return envoy;
  }
  return pid;
}

async function readTables(pid: number): Promise<SocketTables> {
  const [table, pipes] = await Promise.all([
    readTcpTable(pid).catch(() => null),
    readUnixTable(pid).catch(() => null),
  ]);
  return { table, pipes };
}

// To look through all threads of a desktop takes a tenth of a second; an Envoy is rarely called otherwise.
function likelyFirst(pids: readonly number[]): number[] {
  const envoys = new Set(pids.filter((pid) => read(`/proc/${pid}/comm`)?.includes("envoy")));
  return [...envoys, ...pids.filter((pid) => !envoys.has(pid))];
}
