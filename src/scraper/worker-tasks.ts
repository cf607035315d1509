/**
 * The workers of a server as the kernel knows them. Envoy names its threads; of any other server (nginx, HAProxy, one of
 * your own) a worker is what holds the listening socket and waits for events in an epoll instance of its own: a process
 * of nginx, a thread of HAProxy.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { readWaiting } from "./epoll-wait.ts";
import { parseParent, parseWorkerComm, read, readProcesses, readTasks } from "./procfs.ts";
import { readSocketDescriptors } from "./sockets-table.ts";

export interface WorkerTask {
  /** N of `worker_N`: Envoy's own number; elsewhere the place in the order of PIDs and thread ids. */
  readonly id: number;
  readonly pid: number;
  readonly thread: number;
  /** It is the only worker of its process, whose whole CPU is its. */
  readonly wholeProcess: boolean;
  /** Descriptor of its epoll instance; `null` where it was not caught waiting yet. */
  readonly epoll: number | null;
  /** As the system calls it: `wrk:worker_0`; `nginx 4711` with the PID, `haproxy 4712` with the thread id. */
  readonly name: string;
}

export type WorkerTasks = ReadonlyMap<number, WorkerTask>;

/** Envoy's worker threads, ascending by worker; empty where `pid` is no Envoy, is gone, or is hidden. */
export function readEnvoyWorkers(pid: number): WorkerTasks {
  const threads = readTasks(pid);
  const workers: WorkerTask[] = [];
  if (threads.length < 2) return new Map();
  for (const thread of threads) {
    const comm = (read(`/proc/${pid}/task/${thread}/comm`) ?? "").trim();
    const id = parseWorkerComm(comm);
    if (id !== null) workers.push({ id, pid, thread, wholeProcess: false, epoll: null, name: comm });
  }
  return new Map(workers.sort((a, b) => a.id - b.id).map((worker) => [worker.id, worker]));
}

/** The Envoys that `pid` is or has started, as pilot-agent or an entrypoint starts one; ascending. */
export function findEnvoys(pid: number): number[] {
  return isEnvoy(pid) ? [pid] : processTree(pid, readParents()).filter(isEnvoy);
}

const isEnvoy = (pid: number): boolean => readEnvoyWorkers(pid).size > 0;

interface ServerTasks {
  readonly workers: WorkerTasks;
  /** Inode of the socket behind each descriptor of the processes that the workers are in. */
  readonly descriptors: readonly number[];
}

/** Of 1 ms each. Who is to be found idles before the load; a thread that runs that long is no worker at rest. */
const looks = 50;

/**
 * The workers of the server that `pid` belongs to and that listens on one of the sockets `listening` (inodes). `pid` may
 * be the master's or a worker's; what holds the sockets above and below it belongs to the server.
 */
export async function findServerTasks(pid: number, listening: ReadonlySet<number>): Promise<ServerTasks> {
  const holders = new Map<number, readonly number[]>();
  for (const process of serverProcesses(pid)) {
    const inodes = [...(await readSocketDescriptors(process).catch(() => new Map())).values()];
    if (inodes.some((inode) => listening.has(inode))) holders.set(process, inodes);
  }
  const found = await watchTasks([...holders.keys()]);
  const workers = new Map<number, WorkerTask>();
  for (const { pid: own, thread, epoll } of found.sort((a, b) => a.pid - b.pid || a.thread - b.thread)) {
    const wholeProcess = found.filter((other) => other.pid === own).length === 1;
    const number = wholeProcess ? own : thread;
    const name = `${(read(`/proc/${own}/task/${thread}/comm`) ?? "?").trim()} ${number}`;
    workers.set(workers.size, { id: workers.size, pid: own, thread, wholeProcess, epoll, name });
  }
  const pids = new Set(found.map((task) => task.pid));
  const descriptors = [...holders].flatMap(([own, inodes]) =>
    pids.size === 0 || pids.has(own) ? inodes : [],
  );
  return { workers, descriptors };
}

interface WaitingTask {
  readonly pid: number;
  readonly thread: number;
  readonly epoll: number;
}

/** V8's delayed tasks have an event loop of their own in Node, and it serves nobody (15 letters are all that Linux keeps). */
const timersOfNode = "DelayedTaskSche";

/** Looks until every thread was seen to wait for something. Threads that share an epoll instance are one worker. */
async function watchTasks(pids: readonly number[]): Promise<WaitingTask[]> {
  const found = new Map<string, WaitingTask>();
  let unclear = pids.flatMap((pid) =>
    readTasks(pid)
      .filter((thread) => read(`/proc/${pid}/task/${thread}/comm`)?.trim() !== timersOfNode)
      .map((thread) => ({ pid, thread })),
  );
  for (let look = 0; unclear.length > 0 && look < looks; look++) {
    if (look > 0) await sleep(1);
    unclear = unclear.filter(({ pid, thread }) => {
      const waiting = readWaiting(pid, thread);
      if (typeof waiting === "number" && !found.has(`${pid} ${waiting}`))
        found.set(`${pid} ${waiting}`, { pid, thread, epoll: waiting });
      return waiting === "running";
    });
  }
  return [...found.values()];
}

const commOf = (pid: number): string | null => read(`/proc/${pid}/comm`);

/** `pid`, what runs above it under the same name, and all that these have started. */
function serverProcesses(pid: number): number[] {
  const parentOf = readParents();
  let top = pid;
  for (let parent = parentOf.get(top); parent != null && parent > 1; parent = parentOf.get(parent)) {
    if (commOf(parent) !== commOf(pid)) break;
    top = parent;
  }
  return processTree(top, parentOf);
}

type Parents = ReadonlyMap<number, number | null>;

function readParents(): Parents {
  return new Map(readProcesses().map((one) => [one, parseParent(read(`/proc/${one}/stat`) ?? "")]));
}

/** `top` and all that it has started, ascending. */
function processTree(top: number, parentOf: Parents): number[] {
  const tree = new Set([top]);
  // A child may have a lower PID than its parent where PIDs wrapped around: until nothing is added.
  for (let size = 0; size < tree.size;) {
    size = tree.size;
    for (const [one, parent] of parentOf) if (parent !== null && tree.has(parent)) tree.add(one);
  }
  return [...tree].sort((a, b) => a - b);
}
