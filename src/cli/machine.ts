/** The limits of this machine that a plan has to fit into, from Linux's /proc. */

import { readFileSync } from "node:fs";
import type { MachineLimits } from "../plan/limits.ts";

/** Reads the limits; each is `null` where it cannot be told. */
export function readMachineLimits(): MachineLimits {
  return {
    openFiles: parseOpenFiles(read("/proc/self/limits")),
    localPorts: parsePorts(read("/proc/sys/net/ipv4/ip_local_port_range")),
    timeWaitReuse: parseWhole(read("/proc/sys/net/ipv4/tcp_tw_reuse")),
  };
}

/** The soft limit, which Node has raised to the hard one at its start; `null` for `unlimited`. */
export function parseOpenFiles(text: string): number | null {
  return parseWhole(/^Max open files\s+(\S+)/m.exec(text)?.[1] ?? "");
}

function parsePorts(text: string): [number, number] | null {
  const [first, last] = text.trim().split(/\s+/).map(Number);
  return first === undefined || last === undefined ? null : [first, last];
}

function parseWhole(text: string): number | null {
  return /^\d+\s*$/.test(text) ? Number(text) : null;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
