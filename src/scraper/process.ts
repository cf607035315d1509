/** The process behind an admin: which one it is, and what procfs lets us see of it. */

import { readlink } from "node:fs/promises";
import { messageOf } from "../errors.ts";
import { isLocal, resolveAddresses, withWildcards } from "./addresses.ts";
import { read, readProcesses, readWorkerThreads } from "./procfs.ts";
import { readSocketDescriptors, readTcpTable } from "./sockets-table.ts";
import type { TcpSocket } from "./sockets-table.ts";

/** What can be seen of a process; what cannot is `null`. */
export interface ProcessView {
  readonly pid: number;
  /** Its command, without the path. */
  readonly command: string;
  /** Worker id → thread id. */
  readonly workers: ReadonlyMap<number, number>;
  /** The TCP sockets of its network namespace. */
  readonly table: readonly TcpSocket[] | null;
  /** Descriptor → inode; needs the same user, or root. */
  readonly descriptors: ReadonlyMap<number, number> | null;
  /** It shares our network namespace: its port numbers are ours. */
  readonly sameNetwork: boolean | null;
}

/** Looks at process `pid`; in words where there is none to be seen. */
export async function lookAtProcess(pid: number): Promise<ProcessView | string> {
  const comm = read(`/proc/${pid}/comm`);
  if (comm === null) return `there is no process ${pid} on this machine, or its /proc is hidden`;
  const [table, descriptors, network, ours] = await Promise.all([
    readTcpTable(pid).catch(() => null),
    readSocketDescriptors(pid).catch(() => null),
    readlink(`/proc/${pid}/ns/net`).catch(() => null),
    readlink("/proc/self/ns/net").catch(() => null),
  ]);
  return {
    pid,
    command: comm.trim(),
    workers: readWorkerThreads(pid),
    table,
    descriptors,
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
  const served = withWildcards(addresses);
  const inodes = new Set(
    table
      .filter(({ state }) => state === "LISTEN")
      .filter(({ localAddress, localPort }) =>
        served.some(({ host, port }) => host === localAddress && port === localPort),
      )
      .map(({ inode }) => inode),
  );
  let denied: number | undefined;
  for (const pid of likelyFirst(readProcesses())) {
    if (readWorkerThreads(pid).size === 0) continue;
    const descriptors = await readSocketDescriptors(pid).catch(() => null);
    if (descriptors === null) denied = pid;
    else if ([...descriptors.values()].some((inode) => inodes.has(inode))) return pid;
  }
  if (denied !== undefined)
    return `process ${denied} may be that Envoy, but only its own user or root may look at its descriptors`;
  return "no process that we may see holds the admin's socket (a container, a forwarded port?)";
}

// To look through all threads of a desktop takes a tenth of a second; an Envoy is rarely called otherwise.
function likelyFirst(pids: readonly number[]): number[] {
  const envoys = new Set(pids.filter((pid) => read(`/proc/${pid}/comm`)?.includes("envoy")));
  return [...envoys, ...pids.filter((pid) => !envoys.has(pid))];
}
