/** Where a result was measured. */

import { arch, cpus, release, type } from "node:os";
import type { Environment } from "./result/result.ts";

/** The machine and the runtime, joined with what is known of the Envoy. */
export function describeEnvironment(
  envoy: Pick<Environment, "envoy" | "workers" | "work" | "sides">,
): Environment {
  const all = cpus();
  return {
    os: `${type()} ${release()} ${arch()}`,
    cpuModel: all[0]?.model.trim() ?? "unknown",
    cpus: all.length,
    node: process.version,
    ...envoy,
  };
}
