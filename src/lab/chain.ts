/** The Envoys of a lab: one, or several in a chain, each listener leading to that of the same mode in the next. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LabPlan } from "../plan/plan.ts";
import { createBootstrap, nextClusters } from "./bootstrap.ts";
import type { ListenerPlace } from "./bootstrap.ts";
import type { Identity } from "./certificate.ts";
import { startEnvoy } from "./envoy-process.ts";
import type { EnvoyProcess } from "./envoy-process.ts";
import { forgetLab, recordLab } from "./orphans.ts";
import { freePorts } from "./ports.ts";
import { createRenewal } from "./renewal.ts";
import type { Upstream } from "./upstream.ts";
import { writeWhole } from "./whole-file.ts";

/** One Envoy of the chain, started and not ready yet. */
export interface LabEnvoy {
  readonly admin: string;
  readonly process: EnvoyProcess;
  readonly logPath: string;
  readonly listeners: readonly ListenerPlace[];
  /** Where work is calibrated: of the listeners, or one of its own. */
  readonly calibrationPort: number;
  /** Closes its connections to the next Envoy; the last has none, and does nothing. */
  readonly renew: () => Promise<void>;
}

export interface ChainOptions {
  readonly envoyPath: string;
  /** A directory for each Envoy, the first's first: as many as there are to be. */
  readonly directories: readonly string[];
  /** Behind the last of them. */
  readonly upstream: Upstream | null;
  readonly workFile: string | null;
  /** What the first shows to clients; between them they speak plain text. */
  readonly tls: Identity | null;
  /** Told of all that is to be ended, the latest first. */
  readonly own: (part: AsyncDisposable) => void;
}

/** The Envoys in the order of the path. @throws MeshLoadError ENVOY_FAILED */
export async function startChain(
  plan: Pick<LabPlan, "modes" | "workers" | "limits">,
  { envoyPath, directories, upstream, workFile, tls, own }: ChainOptions,
): Promise<LabEnvoy[]> {
  const { limits, modes, workers } = plan;
  const each = 1 + modes.length + (limits === undefined ? 0 : 1);
  const ports = await freePorts(each * directories.length);
  const chain: LabEnvoy[] = [];
  // From the server's side on: an Envoy that is up leads somewhere.
  for (const [i, directory] of [...directories.entries()].toReversed()) {
    const [adminPort = 0, ...rest] = ports.slice(i * each, (i + 1) * each);
    const next = i + 1 < directories.length ? ports.slice((i + 1) * each + 1, (i + 2) * each) : [];
    const listeners = modes.map((mode, k) => ({ mode, port: rest[k]!, nextPort: next[k] }));
    const calibrationPort = rest[modes.length];
    const admin = `http://127.0.0.1:${adminPort}`;
    const clustersFile = next.length === 0 ? undefined : join(directory, "clusters.json");
    const clusters = { listeners, calibrationNextPort: next[modes.length] };
    if (clustersFile !== undefined) await writeClusters(clustersFile, nextClusters(clusters, 0));
    const bootstrap = createBootstrap({
      ...clusters,
      clustersFile,
      adminPort,
      limits,
      calibrationPort,
      upstream: next.length === 0 ? upstream : null,
      workFile,
      tls: i === 0 ? tls : null,
    });
    const configPath = join(directory, "envoy.json");
    const logPath = join(directory, "envoy.log");
    await writeFile(configPath, JSON.stringify(bootstrap, null, 2));
    own({ [Symbol.asyncDispose]: () => forgetLab(directory) });
    const envoy = await startEnvoy({ binary: envoyPath, configPath, logPath, workers });
    own(envoy);
    await recordLab(directory, { ownerPid: process.pid, envoyPid: envoy.pid });
    chain.unshift({
      admin,
      process: envoy,
      logPath,
      listeners,
      calibrationPort: calibrationPort ?? listeners[0]!.port,
      renew:
        clustersFile === undefined
          ? () => Promise.resolve()
          : createRenewal(admin, (generation) =>
              writeClusters(clustersFile, nextClusters(clusters, generation)),
            ),
    });
  }
  return chain;
}

const writeClusters = (path: string, clusters: object): Promise<void> =>
  writeWhole(path, JSON.stringify(clusters, null, 2));
