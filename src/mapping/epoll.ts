/**
 * Connection → worker out of procfs alone: every Envoy worker waits in an epoll instance of its own, and Linux shows
 * which sockets that one watches. Exact in every listener mode, during the load, with other clients present.
 */

import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../errors.ts";
import type { LoadConnection } from "../result/load.ts";
import { readTcpTable } from "../scraper/sockets-table.ts";
import type { TcpSocket } from "../scraper/sockets-table.ts";
import { knowsSystemCalls, parseEpollInodes, parseWaitingEpoll, parseWorkerName } from "./epoll-texts.ts";

/** Our side of a connection that is open. */
export type OurSocket = Pick<LoadConnection, "id" | "localPort" | "localAddress">;

interface EpollAnswer {
  /** Connection id → worker id. A connection found in no worker's epoll instance, or in several, is not here. */
  readonly workerOf: ReadonlyMap<number, number>;
  /** Why connections are missing, or `null`. */
  readonly obstacle: string | null;
}

export interface EpollMapper {
  /** Why `map` can find nothing, or `null`. */
  readonly obstacle: string | null;
  /** Asks the kernel now, about 5 ms. Errors of procfs become an obstacle, never a throw. */
  map(connections: readonly OurSocket[]): Promise<EpollAnswer>;
}

/** Of 1 ms each: a worker that is busy nearly all the time is still caught waiting. */
const lookTries = 100;

/**
 * Learns which epoll instance belongs to which worker of process `pid`: constant for the life of the process, so the
 * answer is kept, and best asked for before the load, while every worker waits. `serverPort` is the port that the
 * process listens on. Workers that could not be caught waiting are tried again at each `map`.
 */
export async function createEpollMapper({
  pid,
  serverPort,
}: {
  readonly pid: number;
  readonly serverPort: number;
}): Promise<EpollMapper> {
  const workerOfEpoll = new Map<number, number>();
  let learned = await learnEpolls(pid, workerOfEpoll);
  return {
    obstacle: workerOfEpoll.size === 0 ? learned : null,
    async map(connections) {
      try {
        if (learned !== null) learned = await learnEpolls(pid, workerOfEpoll);
        const idOf = findInodes(await readTcpTable(pid), serverPort, connections);
        return { workerOf: await findWorkers(pid, idOf, workerOfEpoll), obstacle: learned };
      } catch (error) {
        return { workerOf: new Map(), obstacle: obstacleOf(error, pid) };
      }
    },
  };
}

/** Adds the epoll instances of those workers that are not in `workerOfEpoll` yet; says why not all, or `null`. */
async function learnEpolls(pid: number, workerOfEpoll: Map<number, number>): Promise<string | null> {
  if (!knowsSystemCalls(process.arch)) return `the system calls of ${process.arch} are not known`;
  try {
    const threads = await readWorkerThreads(pid);
    if (threads.size === 0) return `process ${pid} has no thread named wrk:worker_N`;
    const known = new Set(workerOfEpoll.values());
    for (const [thread, worker] of threads) if (known.has(worker)) threads.delete(thread);
    for (let tries = 0; threads.size > 0 && tries < lookTries; tries++) {
      if (tries > 0) await sleep(1);
      for (const [thread, worker] of threads) {
        const epoll = await readWaitingEpoll(pid, thread);
        if (epoll === null) continue;
        workerOfEpoll.set(epoll, worker);
        threads.delete(thread);
      }
    }
    if (threads.size === 0) return null;
    return `workers ${[...threads.values()].join(", ")} were never seen waiting for events`;
  } catch (error) {
    return obstacleOf(error, pid);
  }
}

/** Inode of the server's end → our connection id; a connection with two candidates is left out. */
export function findInodes(
  sockets: readonly TcpSocket[],
  serverPort: number,
  connections: readonly OurSocket[],
): Map<number, number> {
  const idOf = new Map(connections.map((each) => [endOf(each.localAddress, each.localPort), each.id]));
  const inodeOf = new Map<number, number>();
  const ambiguous = new Set<number>();
  for (const { state, localPort, remoteAddress, remotePort, inode } of sockets) {
    if (state !== "ESTABLISHED" || localPort !== serverPort || inode === 0) continue;
    const id = idOf.get(endOf(remoteAddress, remotePort));
    if (id === undefined) continue;
    // The same source port towards two addresses of the server: only the full 4-tuple is unique.
    if ((inodeOf.get(id) ?? inode) !== inode) ambiguous.add(id);
    inodeOf.set(id, inode);
  }
  return new Map([...inodeOf].filter(([id]) => !ambiguous.has(id)).map(([id, inode]) => [inode, id]));
}

function endOf(address: string, port: number): string {
  // IPv4-mapped as Node says it, and a link-local scope, which the kernel's table does not show.
  return `${address.replace(/^::ffff:(?=[\d.]+$)/, "").replace(/%.*$/, "")} ${port}`;
}

async function findWorkers(
  pid: number,
  idOf: ReadonlyMap<number, number>,
  workerOfEpoll: ReadonlyMap<number, number>,
): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  const several = new Set<number>();
  for (const [epoll, worker] of workerOfEpoll) {
    for (const inode of parseEpollInodes(await readFile(`/proc/${pid}/fdinfo/${epoll}`, "latin1"))) {
      const id = idOf.get(inode);
      if (id === undefined) continue;
      if (found.has(id)) several.add(id);
      found.set(id, worker);
    }
  }
  for (const id of several) found.delete(id);
  return found;
}

async function readWorkerThreads(pid: number): Promise<Map<string, number>> {
  const workers = new Map<string, number>();
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    // A thread may end between the two reads.
    const comm = await readFile(`/proc/${pid}/task/${thread}/comm`, "latin1").catch(() => "");
    const worker = parseWorkerName(comm);
    if (worker !== null) workers.set(thread, worker);
  }
  return workers;
}

async function readWaitingEpoll(pid: number, thread: string): Promise<number | null> {
  return parseWaitingEpoll(await readFile(`/proc/${pid}/task/${thread}/syscall`, "latin1"), process.arch);
}

function obstacleOf(error: unknown, pid: number): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ESRCH")
    return `there is no process ${pid} on this machine, or it has no procfs`;
  if (code === "EACCES" || code === "EPERM")
    return `no right to look into process ${pid}: run as its user, and where kernel.yama.ptrace_scope is not 0 as root`;
  return `process ${pid} cannot be read: ${messageOf(error)}`;
}
