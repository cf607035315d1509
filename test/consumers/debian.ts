/** Programs that a test needs beside Node and Envoy: Debian's, installed where they are missing. */

import { spawnSync } from "node:child_process";
import { installDebian } from "../bench/install.ts";

/** Makes sure that each of `programs` can be started: program → the Debian package that brings it. */
export async function needDebian(programs: Readonly<Record<string, string>>): Promise<void> {
  const missing = Object.entries(programs)
    .filter(([program]) => spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0)
    .map(([, debianPackage]) => debianPackage);
  if (missing.length > 0) await installDebian(...missing);
}
