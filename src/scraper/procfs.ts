/**
 * Processes, threads and their CPU time out of procfs: proc_pid_stat(5), sched-stats. What cannot be read is `null`.
 *
 * Reading is synchronous: procfs answers from memory in about 15 µs a file, which is less than a promise of
 * node:fs costs, and a reading that is all taken at one moment needs no correction.
 */

import { readdirSync, readFileSync } from "node:fs";

/** `USER_HZ`, 100 on every Linux that Node runs on: a tick in /proc is 10 ms. */
const tickUs = 10_000;

/** `/proc/PID/task/TID/schedstat`: time on a CPU, in microseconds. */
export function parseSchedstatUs(text: string): number | null {
  const [, ns] = /^(\d+) \d+ \d+\s*$/.exec(text) ?? [];
  return ns === undefined || ns === "0" ? null : Number(ns) / 1e3;
}

/** `/proc/PID/stat` or a task's: user and system time, in microseconds. The name may hold spaces and parentheses. */
export function parseStatUs(text: string): number | null {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks * tickUs : null;
}

/** The PID of a process within its innermost PID namespace (`NSpid` of `/proc/PID/status`), as it knows itself. */
export function readInnerPid(pid: number): number | null {
  const [, own] = /^NSpid:.*\s(\d+)$/m.exec(read(`/proc/${pid}/status`) ?? "") ?? [];
  return own === undefined ? null : Number(own);
}

/** The parent in `/proc/PID/stat`. */
export function parseParent(text: string): number | null {
  const parent = Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
  return Number.isInteger(parent) ? parent : null;
}

/** `wrk:worker_3` → 3; another thread's name → `null`. */
export function parseWorkerComm(comm: string): number | null {
  const id = /^wrk:worker_(\d+)$/.exec(comm.trim())?.[1];
  return id === undefined ? null : Number(id);
}

/** The threads of process `pid`; none where it is gone or hidden. */
export function readTasks(pid: number): number[] {
  return list(`/proc/${pid}/task`).map(Number);
}

/** CPU microseconds of one thread since it began: to the nanosecond where the kernel counts so, else by ticks. */
export function readThreadCpuUs(pid: number, thread: number): number | null {
  const folder = `/proc/${pid}/task/${thread}`;
  const exact = parseSchedstatUs(read(`${folder}/schedstat`) ?? "");
  return exact ?? parseStatUs(read(`${folder}/stat`) ?? "");
}

/** CPU microseconds of a whole process, threads that ended included. */
export function readProcessCpuUs(pid: number): number | null {
  return parseStatUs(read(`/proc/${pid}/stat`) ?? "");
}

/** The processes that `parent` started and that still run. */
export function readChildren(parent: number): number[] {
  return readProcesses().filter((pid) => parseParent(read(`/proc/${pid}/stat`) ?? "") === parent);
}

/** All processes that this one can see. */
export function readProcesses(): number[] {
  return list("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Whether there is a process `pid`, also where its /proc is hidden (hidepid): signal 0 is none, kill(2). */
export function processExists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A file of procfs, or `null`. */
export function read(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null;
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
