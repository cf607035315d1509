/** The lab: an Envoy of our own, one listener a mode, and nothing left of it afterwards. */

import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MeshLoadError } from "../errors.ts";
import type { Mode } from "../plan/mode.ts";
import type { LabPlan } from "../plan/plan.ts";
import type { Work } from "../result/result.ts";
import { createBootstrap } from "./bootstrap.ts";
import { findEnvoy } from "./envoy-binary.ts";
import { startEnvoy } from "./envoy-process.ts";
import type { LabPlaces } from "./places.ts";
import { freePorts } from "./ports.ts";
import { envoyReady } from "./ready.ts";

export type { LabPlaces } from "./places.ts";

export interface Lab extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly admin: string;
  readonly pid: number;
  readonly envoyPath: string;
  /** As Envoy tells it: `1.40.0`. */
  readonly version: string;
  readonly targets: readonly LabTarget[];
  /** What each request burns, or `null` for nothing. */
  readonly work: Work | null;
  readonly logPath: string;
}

export interface LabTarget {
  readonly mode: Mode;
  readonly url: string;
  /** Envoy's name of the listener, and its `stat_prefix`. */
  readonly listener: string;
}

export interface StartLabOptions {
  /** Requests a second that the load will ask for, for `workUs: "auto"`; 0 = as fast as it goes. */
  readonly qps: number;
  readonly places: LabPlaces;
  /** Told what a person should know, a line at a time. */
  readonly onNote: (line: string) => void;
  readonly signal?: AbortSignal;
}

const attempts = 3;

/**
 * Starts the lab and resolves when every listener answers and the work is calibrated. Disposing ends it.
 *
 * @throws MeshLoadError ENVOY_NOT_FOUND, ENVOY_FAILED (its last lines in the message)
 */
export async function startLab(plan: LabPlan, options: StartLabOptions): Promise<Lab> {
  const envoyPath = await findEnvoy(plan.envoy, options);
  const directory = await labDirectory(options.places.cacheDir);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(plan, { ...options, envoyPath, directory });
    } catch (error) {
      // Between our choice of a port and Envoy's bind, somebody else may have taken it.
      const portLost = error instanceof MeshLoadError && error.message.includes("Address already in use");
      if (!portLost || attempt === attempts) throw error;
    }
  }
}

async function labDirectory(cacheDir: string): Promise<string> {
  const labs = join(cacheDir, "labs");
  await mkdir(labs, { recursive: true });
  return mkdtemp(join(labs, "lab-"));
}

async function startOnce(
  plan: LabPlan,
  options: StartLabOptions & { readonly envoyPath: string; readonly directory: string },
): Promise<Lab> {
  const { envoyPath, directory } = options;
  const [adminPort, ...ports] = await freePorts(plan.modes.length + 1);
  const listeners = plan.modes.map((mode, index) => ({ mode, port: ports[index]! }));
  const configPath = join(directory, "envoy.json");
  const logPath = join(directory, "envoy.log");
  const bootstrap = createBootstrap({ adminPort: adminPort!, listeners, upstream: null, workFile: null });
  await writeFile(configPath, JSON.stringify(bootstrap, null, 2));
  const envoy = await startEnvoy({ binary: envoyPath, configPath, logPath, workers: plan.workers });
  const giveUp = new AbortController();
  try {
    const admin = `http://127.0.0.1:${adminPort}`;
    const targets = listeners.map(({ mode, port }) => ({
      mode,
      url: `http://127.0.0.1:${port}/`,
      listener: mode,
    }));
    const signal = AbortSignal.any([giveUp.signal, ...(options.signal ? [options.signal] : [])]);
    const ready = envoyReady({ admin, urls: targets.map(({ url }) => url), signal });
    const version = await Promise.race([ready, envoy.failed]);
    const dispose = (): PromiseLike<void> => envoy[Symbol.asyncDispose]();
    return {
      admin,
      pid: envoy.pid,
      envoyPath,
      version,
      targets,
      work: null,
      logPath,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    giveUp.abort();
    await envoy[Symbol.asyncDispose]();
    throw error;
  }
}
