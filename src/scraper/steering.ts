/** Whether cpu_locality_balance steers: the kernel does not show the program that would, but Envoy logs where there is none. */

import { closeSync, openSync, readlinkSync, readSync } from "node:fs";

/** Listeners of static configuration are set up, and complained of, in the first lines. */
const readAtMost = 4 * 2 ** 20;

/** Does this log say that listener `name` does not steer? Envoy 1.39 and 1.40 write it so, as a warning. */
export function deniesSteering(log: string, name: string): boolean {
  return log
    .split("\n")
    .some((line) => line.includes(`listener '${name}'`) && line.includes("CPU steering is not active"));
}

/** The same of what process `pid` writes to, where its standard output or error is a file that we may read. */
export function logDeniesSteering(pid: number, name: string): boolean {
  return [1, 2].some((descriptor) => deniesSteering(readStart(`/proc/${pid}/fd/${descriptor}`), name));
}

function readStart(path: string): string {
  try {
    // To open a pipe or a terminal would wait for it.
    if (!/^\/(?!dev\/)/.test(readlinkSync(path))) return "";
    const file = openSync(path, "r");
    try {
      const buffer = Buffer.alloc(readAtMost);
      return buffer.toString("latin1", 0, readSync(file, buffer, 0, readAtMost, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}
