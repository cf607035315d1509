/**
 * Envoys of configurations that the user wrote. One at a time, started for a run and ended after it: two that differ in
 * a line may keep the same ports, and what an Envoy draws once, as where its memory lies, is drawn for each run.
 */

import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { MeshLoadError, messageOf } from "../errors.ts";
import type { BootstrapPlan, TargetPlan } from "../plan/plan.ts";
import { bootstrapReady } from "./bootstrap-ready.ts";
import { findEnvoy } from "./envoy-binary.ts";
import { startEnvoy } from "./envoy-process.ts";
import { labDirectories } from "./lab-directory.ts";
import { forgetLab, recordLab } from "./orphans.ts";
import type { LabContext } from "./places.ts";

/** A target with its Envoy, which ends when this is disposed of. */
export interface StartedTarget extends AsyncDisposable {
  readonly target: TargetPlan;
}

/** Starts a target's Envoy, or resolves with `null` where it has none of its own. */
export type StartTarget = (target: TargetPlan) => Promise<StartedTarget | null>;

/** In place of the user's, which may be taken, or somebody else's; what else its `admin:` block says stays. */
const ownAdmin = JSON.stringify({
  admin: { address: { socket_address: { address: "127.0.0.1", port_value: 0 } } },
});

/** @throws MeshLoadError ENVOY_FAILED where a file cannot be read: before the first run, not after it */
export async function bootstrapEnvoys(
  targets: readonly TargetPlan[],
  context: LabContext,
): Promise<StartTarget> {
  const bootstraps = targets.flatMap(({ bootstrap }) => bootstrap ?? []);
  if (bootstraps.length === 0) return () => Promise.resolve(null);
  for (const { file } of bootstraps) await checkReadable(file);
  const [directory = ""] = await labDirectories(1, context);
  return async (target) => {
    if (target.bootstrap === undefined) return null;
    return start(target, target.bootstrap, { ...context, directory });
  };
}

async function checkReadable(file: string): Promise<void> {
  try {
    await using handle = await open(file);
    await handle.read(Buffer.alloc(1), 0, 1);
  } catch (cause) {
    throw new MeshLoadError("ENVOY_FAILED", `Cannot read the bootstrap ${file}: ${messageOf(cause)}`, {
      hint: "Give an Envoy configuration, .yaml or .json; a URL begins with http://.",
      cause,
    });
  }
}

async function start(
  target: TargetPlan,
  { file, envoy, workers }: BootstrapPlan,
  { directory, ...context }: LabContext & { readonly directory: string },
): Promise<StartedTarget> {
  const adminFile = join(directory, "admin");
  // That of the run before would be taken for its own.
  await rm(adminFile, { force: true });
  const binary = await findEnvoy(envoy, context);
  const running = await startEnvoy({
    binary,
    configPath: file,
    logPath: join(directory, "envoy.log"),
    workers,
    more: ["--config-yaml", ownAdmin, "--admin-address-path", adminFile],
  });
  const end = async (): Promise<void> => {
    await running[Symbol.asyncDispose]();
    await forgetLab(directory);
  };
  try {
    await recordLab(directory, { ownerPid: process.pid, envoyPid: running.pid });
    const place = await bootstrapReady({
      adminFile,
      file,
      listener: target.listener,
      failed: running.failed,
      signal: context.signal,
    });
    running.failed.catch((error: unknown) => context.onNote(messageOf(error)));
    return { target: { ...target, ...place, pid: running.pid }, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}
