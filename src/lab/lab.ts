/** The lab: an Envoy of our own, one listener a mode, and nothing left of it afterwards. */

import { join } from "node:path";
import { MeshLoadError, messageOf } from "../errors.ts";
import type { Mode } from "../plan/mode.ts";
import type { LabPlan } from "../plan/plan.ts";
import type { Work } from "../result/result.ts";
import { calibrateWork } from "./calibrate-work.ts";
import type { CalibrateOptions } from "./calibrate-work.ts";
import { startChain } from "./chain.ts";
import { findEnvoy } from "./envoy-binary.ts";
import { labDirectories } from "./lab-directory.ts";
import { issueIdentity } from "./lab-identity.ts";
import type { LabPlaces } from "./places.ts";
import { envoyReady } from "./ready.ts";
import { startUpstream } from "./upstream.ts";
import { asksForWork } from "./work.ts";
import type { WorkWish } from "./work.ts";
import { writeWhole } from "./whole-file.ts";

export type { LabPlaces } from "./places.ts";

export interface Lab extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly admin: string;
  readonly pid: number;
  readonly envoyPath: string;
  /** As Envoy tells it: `1.40.0`. */
  readonly version: string;
  readonly targets: readonly LabTarget[];
  /** The Envoys behind it in a chain, in the order of the path. */
  readonly behind: readonly { readonly admin: string; readonly pid: number; readonly logPath: string }[];
  /** What each request burns, or `null` for nothing. */
  readonly work: Work | null;
  /** Closes the connections between the Envoys of a chain: the next run has its own. */
  readonly renew: () => Promise<void>;
  readonly logPath: string;
  /** File of the authority that vouches for its listeners, or `null` where they speak plain text. */
  readonly cacert: string | null;
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
  /** What each request is to burn, found by the calibration of another lab: this one burns as many turns. */
  readonly work?: Work | null;
}

/** What one lab is made of; the plan of an experiment may have two of them. */
export type OneLabPlan = Omit<LabPlan, "sides">;

const attempts = 3;

/**
 * Starts the lab and resolves when every listener answers and the work is calibrated. Disposing ends it; Envoy's log
 * stays. Names the Envoys that a killed mesh-load left behind.
 *
 * @throws MeshLoadError ENVOY_NOT_FOUND; ENVOY_FAILED with Envoy's last lines; UPSTREAM_FAILED; PLAN_IMPOSSIBLE where
 *   work cannot be measured
 */
export async function startLab(plan: OneLabPlan, options: StartLabOptions): Promise<Lab> {
  const envoyPath = await findEnvoy(plan.envoy, options);
  const directories = await labDirectories(plan.hops ?? 1, options);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(plan, { ...options, envoyPath, directories });
    } catch (error) {
      // Between our choice of a port and Envoy's bind, somebody else may have taken it.
      const portLost = error instanceof MeshLoadError && error.message.includes("Address already in use");
      if (!portLost || attempt === attempts) throw error;
    }
  }
}

interface StartOnceOptions extends StartLabOptions {
  readonly envoyPath: string;
  /** One for each Envoy, the first's first. */
  readonly directories: readonly string[];
}

async function startOnce(plan: OneLabPlan, options: StartOnceOptions): Promise<Lab> {
  const { directories, envoyPath, onNote, qps, signal } = options;
  const directory = directories[0]!;
  const parts: AsyncDisposable[] = [];
  const dispose = async (): Promise<void> => {
    for (const part of parts.splice(0).toReversed()) await part[Symbol.asyncDispose]();
  };
  try {
    const upstream = plan.upstream === null ? null : await startUpstream(plan.upstream);
    if (upstream !== null) parts.push(upstream);
    const wish = { workUs: plan.workUs, qps };
    const tls = plan.tls ? await issueIdentity(directory) : null;
    const workFile = asksForWork(wish) ? join(directory, "turns") : null;
    const chain = await startChain(plan, {
      envoyPath,
      directories,
      upstream,
      workFile,
      tls,
      own: (part) => void parts.push(part),
    });
    const [first, ...behind] = chain;
    const { admin, listeners, logPath, process } = first!;
    const { pid } = process;
    const targets = listeners.map(({ mode, port }) => ({
      mode,
      url: `${tls === null ? "http" : "https"}://127.0.0.1:${port}/`,
      listener: mode,
    }));
    const version = await envoyReady({
      admin,
      urls: targets.map(({ url }) => url),
      ca: tls?.authority,
      failed: chain.map(({ process: { failed } }) => failed),
      signal,
    });
    const listener = { port: first!.calibrationPort, ca: tls?.authority ?? null };
    const work =
      workFile === null
        ? null
        : await workOf(wish, { pid, listener, workers: plan.workers, workFile, onNote }, options.work);
    signal?.throwIfAborted();
    for (const { process: envoy } of chain) envoy.failed.catch((error: unknown) => onNote(messageOf(error)));
    return {
      admin,
      pid,
      envoyPath,
      version,
      targets,
      behind: behind.map((hop) => ({ admin: hop.admin, pid: hop.process.pid, logPath: hop.logPath })),
      work,
      renew: async () => {
        for (const envoy of chain) await envoy.renew();
      },
      logPath,
      cacert: tls?.cacert ?? null,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw modeUnknown(error, envoyPath) ?? error;
  }
}

async function workOf(
  wish: WorkWish,
  options: CalibrateOptions,
  known: Work | null | undefined,
): Promise<Work | null> {
  if (known === undefined) return calibrateWork(wish, options);
  if (known !== null) await writeWhole(options.workFile, `${known.iterations}\n`);
  return known;
}

/** An Envoy before 1.39 complains of a field of its bootstrap, which nobody here has written by hand. */
function modeUnknown(error: unknown, envoyPath: string): MeshLoadError | null {
  if (!/\bfield\b.*\b(cpu_locality_balance|enable_worker_cpu_affinity)\b/.test(messageOf(error))) return null;
  return new MeshLoadError("ENVOY_FAILED", `${envoyPath} does not know the mode cpu_locality_balance`, {
    hint: "It came with Envoy 1.39: leave it out of -modes, or give a newer Envoy with -envoy.",
    cause: error,
  });
}
