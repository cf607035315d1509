/** Which epoll instance a thread waits in: `/proc/PID/task/TID/syscall`, proc_pid_syscall(5). */

import { read } from "./procfs.ts";

/** Numbers of epoll_wait, epoll_pwait and epoll_pwait2 (include/uapi/asm-generic/unistd.h, syscall_64.tbl). */
const epollCalls: Readonly<Record<string, readonly string[]>> = {
  x64: ["232", "281", "441"],
  arm64: ["22", "441"],
};

/** Can the system calls of this processor be told apart? */
export const knowsSystemCalls = (arch: string): boolean => Object.hasOwn(epollCalls, arch);

/** What a thread does: waits in an epoll instance (its descriptor), waits in something else, or runs. */
export type Waiting = number | "elsewhere" | "running";

/** Reads the text of `syscall`. */
export function parseWaiting(syscall: string, arch: string): Waiting {
  const [call = "", descriptor] = syscall.trim().split(" ", 2);
  if (descriptor === undefined) return "running";
  return epollCalls[arch]?.includes(call) ? Number.parseInt(descriptor, 16) : "elsewhere";
}

/** Looks now; `null` where the thread is gone, or we have no right to look (ptrace's: the same user, or root). */
export function readWaiting(pid: number, thread: number): Waiting | null {
  const text = read(`/proc/${pid}/task/${thread}/syscall`);
  return text === null ? null : parseWaiting(text, process.arch);
}
