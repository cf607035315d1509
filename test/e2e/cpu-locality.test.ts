/** cpu_locality_balance on the real Envoy: the CPU that a client runs on decides, and what is missing is named. */

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { labPlaces } from "../../src/cli/places.ts";
import { inspect } from "../../src/inspect.ts";
import { createBootstrap } from "../../src/lab/bootstrap.ts";
import { findEnvoy } from "../../src/lab/envoy-binary.ts";
import { startEnvoy } from "../../src/lab/envoy-process.ts";
import type { EnvoyProcess } from "../../src/lab/envoy-process.ts";
import { freePorts } from "../../src/lab/ports.ts";
import { envoyReady } from "../../src/lab/ready.ts";
import { startScraper } from "../../src/scraper/scraper.ts";

const mode = "cpu_locality_balance";
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "mesh-load-locality-"));
});
afterAll(() => rm(directory, { recursive: true }));

interface Proxy {
  readonly envoy: EnvoyProcess;
  readonly admin: string;
  readonly port: number;
}

async function startProxy({ pinned }: { pinned: boolean }): Promise<Proxy> {
  const [adminPort = 0, port = 0] = await freePorts(2);
  const listeners = [{ mode, port }] as const;
  const bootstrap = createBootstrap({ adminPort, listeners, upstream: null, workFile: null, tls: null });
  const configPath = join(directory, `envoy-${port}.json`);
  await writeFile(configPath, JSON.stringify({ ...bootstrap, enable_worker_cpu_affinity: pinned }));
  const binary = await findEnvoy(null, { places: labPlaces(), onNote: () => undefined });
  const logPath = join(directory, `envoy-${port}.log`);
  const envoy = await startEnvoy({ binary, configPath, logPath, workers: 2 });
  const admin = `http://127.0.0.1:${adminPort}`;
  await envoyReady({ admin, urls: [`http://127.0.0.1:${port}/`], failed: [envoy.failed] });
  return { envoy, admin, port };
}

/** The workers that answered 12 connections of a client which runs on `cpu`. */
async function workersFor(cpu: number, port: number): Promise<string[]> {
  const client = `
    const { get } = require("node:http");
    for (let i = 0; i < 12; i++)
      get({ port: ${port}, agent: false }, (response) => console.log(response.headers["x-envoy-worker"]));`;
  const { stdout } = await promisify(execFile)("taskset", [
    "-c",
    String(cpu),
    process.execPath,
    "-e",
    client,
  ]);
  return stdout.trim().split("\n");
}

/** The CPUs that a worker thread may run on: `0`, `0-1`. */
async function cpusOf(pid: number, worker: number): Promise<string> {
  const scraper = await import("../../src/scraper/worker-tasks.ts");
  const task = scraper.readEnvoyWorkers(pid).get(worker)!;
  const status = await readFile(`/proc/${pid}/task/${task.thread}/status`, "utf8");
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)![1]!;
}

test.skipIf(availableParallelism() < 2)("each connection goes to the worker of its CPU", async () => {
  const { envoy, admin, port } = await startProxy({ pinned: true });
  await using _envoy = envoy;
  expect(await inspect(admin)).toMatchObject([{ configured: mode, inEffect: mode, applied: "yes" }]);
  for (const worker of [0, 1]) {
    const answered = await workersFor(Number(await cpusOf(envoy.pid, worker)), port);
    expect(answered).toEqual(Array(12).fill(`wrk:worker_${worker}`));
  }
});

test("without pinned workers it is reuse_port, and a warning says so", async () => {
  const { envoy, admin, port } = await startProxy({ pinned: false });
  await using _envoy = envoy;
  expect(await inspect(admin)).toMatchObject([{ configured: mode, inEffect: "reuse_port", applied: "no" }]);
  const target = { name: "a", side: "" as const, mode, admin, pid: null, listener: null } as const;
  const url = `http://127.0.0.1:${port}/`;
  await using scraper = await startScraper({ target: { ...target, url }, intervalMs: 1000 });
  const { warnings } = await scraper.stop();
  expect(warnings.find(({ code }) => code === "mode-not-in-effect")?.message).toMatch(
    /^cpu_locality_balance is configured, but reuse_port is in effect \(Envoy's log says that its steering is not/,
  );
});
