/** An Envoy with all modes for the mapping's tests. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labPlaces } from "../../src/cli/places.ts";
import { createBootstrap } from "../../src/lab/bootstrap.ts";
import { findEnvoy } from "../../src/lab/envoy-binary.ts";
import { startEnvoy } from "../../src/lab/envoy-process.ts";
import { freePorts } from "../../src/lab/ports.ts";
import { envoyReady } from "../../src/lab/ready.ts";
import { commonModes as modes } from "../../src/plan/mode.ts";
import type { Mode } from "../../src/plan/mode.ts";
import { readEnvoyWorkers } from "../../src/scraper/worker-tasks.ts";
import type { WorkerTask } from "../../src/scraper/worker-tasks.ts";

const context = {
  places: labPlaces(),
  onNote: () => undefined,
};

export interface Proxy extends AsyncDisposable {
  readonly pid: number;
  readonly tasks: readonly WorkerTask[];
  readonly admin: string;
  readonly portOf: Readonly<Record<Mode, number>>;
}

/** The listeners stand at `address`, the admin on IPv4. */
export async function startProxy(address: string, { workers = 2 } = {}): Promise<Proxy> {
  const directory = await mkdtemp(join(tmpdir(), "mapping-"));
  const [adminPort = 0, ...ports] = await freePorts(modes.length + 1);
  const listeners = modes.map((mode, i) => ({ mode, port: ports[i] ?? 0 }));
  const bootstrap = JSON.stringify(
    createBootstrap({ adminPort, listeners, upstream: null, workFile: null, tls: null }),
  );
  const configPath = join(directory, "envoy.json");
  const [head = "", rest = ""] = bootstrap.split('"static_resources"', 2);
  const moved = rest.replaceAll(
    '"address":"127.0.0.1"',
    `"address":"${address}"${address === "::" ? ',"ipv4_compat":true' : ""}`,
  );
  await writeFile(configPath, `${head}"static_resources"${moved}`);
  const envoy = await startEnvoy({
    binary: await findEnvoy(null, context),
    configPath,
    logPath: join(directory, "envoy.log"),
    workers,
  });
  const admin = `http://127.0.0.1:${adminPort}`;
  const host = address.includes(":") ? `[${address === "::" ? "::1" : address}]` : address;
  const urls = listeners.map(({ port }) => `http://${host}:${port}/`);
  const end = async (): Promise<void> => {
    await envoy[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  };
  try {
    await envoyReady({ admin, urls, failed: [envoy.failed] });
  } catch (error) {
    await end();
    throw error;
  }
  const portOf = Object.fromEntries(listeners.map(({ mode, port }) => [mode, port])) as Record<Mode, number>;
  const tasks = [...readEnvoyWorkers(envoy.pid).values()];
  return { pid: envoy.pid, tasks, admin, portOf, [Symbol.asyncDispose]: end };
}
