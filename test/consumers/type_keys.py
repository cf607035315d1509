"""Types lines into an interactive shell, each with Tab and Enter, and prints what the command was given, a line of JSON each.

type_keys.py SHELL SCRIPT LINE...: SCRIPT completes the command mesh-load, which here prints its arguments.
"""

import json
import os
import pty
import re
import select
import sys
import time

shell, script, *lines = sys.argv[1:]
COMMANDS = {
    "bash": ["bash", "--norc", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
SETUP = {
    "bash": f"mesh-load() {{ printf '<%s' \"$@\"; echo '>'; }}; source '{script}'",
    "zsh": f"mesh-load() {{ printf '<%s' \"$@\"; echo '>'; }}; autoload -U compinit; compinit -u -D; source '{script}'",
    "fish": f"function mesh-load; printf '<%s' $argv; echo '>'; end; source '{script}'",
}
READY = "echo re''ady\n"

child, terminal = pty.fork()
if child == 0:
    os.environ["TERM"] = "xterm" if shell == "fish" else "dumb"
    os.execvp(shell, COMMANDS[shell])


def read_until(pattern: str) -> re.Match[str]:
    seen = ""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 65536).decode(errors="replace")
        if found := re.search(pattern, seen):
            return found
    raise SystemExit(f"{shell} never said {pattern!r}, but {seen!r}")


try:
    os.write(terminal, f"{SETUP[shell]}\n{READY}".encode())
    read_until("ready")
    for line in lines:
        os.write(terminal, f"{line}\t\n".encode())
        found = read_until(r"<([^\r\n>]*)>\s*[\r\n]")
        print(json.dumps(found[1].split("<")))
finally:
    os.kill(child, 9)
    os.waitpid(child, 0)
