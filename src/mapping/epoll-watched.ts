/** What an epoll instance watches: `/proc/PID/fdinfo/EPFD`, proc_pid_fdinfo(5). */

/** `/proc/PID/fdinfo/EPFD` → inodes of what the epoll instance watches. */
export function parseEpollInodes(fdinfo: string): number[] {
  // ep_show_fdinfo() of fs/eventpoll.c; the inode is there since Linux 4.13, older than any that Node runs on. It
  // saves a look at every descriptor, and cannot be fooled by a descriptor that is closed and reused meanwhile.
  return [...fdinfo.matchAll(/^tfd:.* ino:([0-9a-f]+)/gm)].map(([, inode = ""]) =>
    Number.parseInt(inode, 16),
  );
}
