/** The three texts of procfs that tell which thread waits in which epoll instance, and what that one watches: proc(5). */

/** Numbers of epoll_wait, epoll_pwait and epoll_pwait2 (include/uapi/asm-generic/unistd.h, syscall_64.tbl). */
const epollCalls: Readonly<Record<string, readonly string[]>> = {
  x64: ["232", "281", "441"],
  arm64: ["22", "441"],
};

/** Can the system calls of this processor be told apart? */
export const knowsSystemCalls = (arch: string): boolean => Object.hasOwn(epollCalls, arch);

/** `/proc/PID/task/TID/comm` → Envoy's number of the worker, or `null` for any other thread. */
export function parseWorkerName(comm: string): number | null {
  const id = /^wrk:worker_(\d+)$/.exec(comm.trim())?.[1];
  return id === undefined ? null : Number(id);
}

/**
 * `/proc/PID/task/TID/syscall` → descriptor of the epoll instance the thread waits in, or `null` where it waits in
 * nothing (`running`) or in something else.
 */
export function parseWaitingEpoll(syscall: string, arch: string): number | null {
  const [call = "", descriptor] = syscall.trim().split(" ", 2);
  if (descriptor === undefined || !epollCalls[arch]?.includes(call)) return null;
  return Number.parseInt(descriptor, 16);
}

/** `/proc/PID/fdinfo/EPFD` → inodes of what the epoll instance watches. */
export function parseEpollInodes(fdinfo: string): number[] {
  // ep_show_fdinfo() of fs/eventpoll.c; the inode is there since Linux 4.13, older than any that Node runs on. It
  // saves a look at every descriptor, and cannot be fooled by a descriptor that is closed and reused meanwhile.
  return [...fdinfo.matchAll(/^tfd:.* ino:([0-9a-f]+)/gm)].map(([, inode = ""]) =>
    Number.parseInt(inode, 16),
  );
}
