/**
 * Connection → worker out of procfs alone: every worker waits in an epoll instance of its own, and Linux shows which
 * sockets that one watches. Exact in every listener mode, during the load, with other clients present.
 */

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../errors.ts";
import type { LoadConnection } from "../result/load.ts";
import { knowsSystemCalls, readWaiting } from "../scraper/epoll-wait.ts";
import { readTcpTable } from "../scraper/sockets-table.ts";
import type { TcpSocket } from "../scraper/sockets-table.ts";
import type { WorkerTask } from "../scraper/worker-tasks.ts";
import { parseEpollInodes } from "./epoll-watched.ts";

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
 * Learns which epoll instance belongs to which of `tasks`: constant for the life of the process, so the answer is kept,
 * and best asked for before the load, while every worker waits. `serverPort` is the port that the load goes to. Workers
 * that could not be caught waiting are tried again at each `map`.
 */
export async function createEpollMapper({
  pid,
  tasks,
  serverPort,
}: {
  readonly pid: number;
  readonly tasks: readonly WorkerTask[];
  readonly serverPort: number;
}): Promise<EpollMapper> {
  const instances: EpollInstance[] = [];
  const unlearned = new Set(tasks);
  let learned = await learnEpolls(unlearned, instances);
  return {
    obstacle: instances.length === 0 ? (learned ?? `process ${pid} has no workers to be seen`) : null,
    async map(connections) {
      try {
        if (learned !== null) learned = await learnEpolls(unlearned, instances);
        const idOf = findInodes(await readTcpTable(pid), serverPort, connections);
        return { workerOf: await findWorkers(idOf, instances), obstacle: learned };
      } catch (error) {
        return { workerOf: new Map(), obstacle: obstacleOf(error, pid) };
      }
    },
  };
}

interface EpollInstance {
  readonly pid: number;
  readonly epoll: number;
  readonly worker: number;
}

/** Moves those of `tasks` that wait in an epoll instance to `instances`; says why not all, or `null`. */
async function learnEpolls(tasks: Set<WorkerTask>, instances: EpollInstance[]): Promise<string | null> {
  if (!knowsSystemCalls(process.arch)) return `the system calls of ${process.arch} are not known`;
  for (let tries = 0; tasks.size > 0 && tries < lookTries; tries++) {
    if (tries > 0) await sleep(1);
    for (const task of tasks) {
      const epoll = task.epoll ?? readWaiting(task.pid, task.thread);
      if (epoll === null) return obstacleOf(whyHidden(task), task.pid);
      if (typeof epoll !== "number") continue;
      instances.push({ pid: task.pid, epoll, worker: task.id });
      tasks.delete(task);
    }
  }
  if (tasks.size === 0) return null;
  return `workers ${Array.from(tasks, ({ id }) => id).join(", ")} were never seen waiting for events`;
}

function whyHidden({ pid, thread }: WorkerTask): unknown {
  try {
    readFileSync(`/proc/${pid}/task/${thread}/syscall`);
    return null;
  } catch (error) {
    return error;
  }
}

/**
 * Inode of the server's end → our connection id. A connection with two candidates is left out. Where not one connection
 * has an end on `serverPort`, they were redirected (iptables), and the server's ends have another port.
 */
export function findInodes(
  sockets: readonly TcpSocket[],
  serverPort: number,
  connections: readonly OurSocket[],
): Map<number, number> {
  const idOf = new Map(connections.map((each) => [endOf(each.localAddress, each.localPort), each.id]));
  const candidates = new Map<number, { onPort: Set<number>; elsewhere: Set<number> }>();
  for (const { state, localPort, remoteAddress, remotePort, inode } of sockets) {
    if (state !== "ESTABLISHED" || inode === 0) continue;
    const id = idOf.get(endOf(remoteAddress, remotePort));
    if (id === undefined) continue;
    const found = candidates.get(id) ?? { onPort: new Set(), elsewhere: new Set() };
    (localPort === serverPort ? found.onPort : found.elsewhere).add(inode);
    candidates.set(id, found);
  }
  const redirected = [...candidates.values()].every(({ onPort }) => onPort.size === 0);
  const idOfInode = new Map<number, number>();
  for (const [id, { onPort, elsewhere }] of candidates) {
    // The same source port towards two addresses of the server: only the full 4-tuple is unique.
    const [inode, another] = redirected ? elsewhere : onPort;
    if (inode !== undefined && another === undefined) idOfInode.set(inode, id);
  }
  return idOfInode;
}

function endOf(address: string, port: number): string {
  // IPv4-mapped as Node says it, and a link-local scope, which the kernel's table does not show.
  return `${address.replace(/^::ffff:(?=[\d.]+$)/, "").replace(/%.*$/, "")} ${port}`;
}

async function findWorkers(
  idOf: ReadonlyMap<number, number>,
  instances: readonly EpollInstance[],
): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  const several = new Set<number>();
  for (const { pid, epoll, worker } of instances) {
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

function obstacleOf(error: unknown, pid: number): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ESRCH")
    return `there is no process ${pid} on this machine, or it has no procfs`;
  if (code === "EACCES" || code === "EPERM")
    return `no right to look into process ${pid}: run as its user, and where kernel.yama.ptrace_scope is not 0 as root`;
  return `process ${pid} cannot be read: ${messageOf(error)}`;
}
