"""Runs a command and writes what the kernel charged it to fd 3, as JSON: every thread, and children it waited for.

Node tells nothing of a child's CPU time. Memory is ru_maxrss where that exceeds this Python's own, which the child
shares until it executes the command; below, the high-water mark of the command's address space (VmHWM), as last seen.
"""

import json
import os
import resource
import signal
import sys
import time


def peak_memory_bytes(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


os.set_inheritable(3, False)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
started = time.monotonic()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, setsigmask=[])
peak = 0
while True:
    ended, status, usage = os.wait4(child, os.WNOHANG)
    if ended:
        break
    peak = max(peak, peak_memory_bytes(child))
    signal.sigtimedwait({signal.SIGCHLD}, 0.1)

own_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
if usage.ru_maxrss > own_kb:
    peak = usage.ru_maxrss * 1024

report = {
    "cpuS": usage.ru_utime + usage.ru_stime,
    "wallS": time.monotonic() - started,
    "peakBytes": peak,
    "exitCode": os.waitstatus_to_exitcode(status),
}
os.write(3, json.dumps(report).encode())
