/** The epoll instances of a server's workers, and the sockets that each watches. */

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../errors.ts";
import { knowsSystemCalls, readWaiting } from "../scraper/epoll-wait.ts";
import type { WorkerTask } from "../scraper/worker-tasks.ts";
import { parseEpollInodes } from "./epoll-watched.ts";

/** Of 1 ms each: a worker that is busy nearly all the time is still caught waiting. */
const lookTries = 100;

export interface EpollInstance {
  readonly pid: number;
  readonly epoll: number;
  readonly worker: number;
}

/** Moves those of `tasks` that wait in an epoll instance to `instances`; says why not all, or `null`. */
export async function learnEpolls(
  tasks: Set<WorkerTask>,
  instances: EpollInstance[],
): Promise<string | null> {
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

/** Inode → worker. What several watch, such as the socket that they all accept from, is nobody's and not here. */
export async function readWatched(instances: readonly EpollInstance[]): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  const several = new Set<number>();
  for (const { pid, epoll, worker } of instances) {
    for (const inode of parseEpollInodes(await readFile(`/proc/${pid}/fdinfo/${epoll}`, "latin1"))) {
      if (found.has(inode)) several.add(inode);
      found.set(inode, worker);
    }
  }
  for (const inode of several) found.delete(inode);
  return found;
}

export function obstacleOf(error: unknown, pid: number): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ESRCH")
    return `there is no process ${pid} on this machine, or it has no procfs`;
  if (code === "EACCES" || code === "EPERM")
    return `no right to look into process ${pid}: run as its user, and where kernel.yama.ptrace_scope is not 0 as root`;
  return `process ${pid} cannot be read: ${messageOf(error)}`;
}
