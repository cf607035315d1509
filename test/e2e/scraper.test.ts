import { once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { labPlaces } from "../../src/cli/places.ts";
import { inspect } from "../../src/inspect.ts";
import { createBootstrap } from "../../src/lab/bootstrap.ts";
import { findEnvoy } from "../../src/lab/envoy-binary.ts";
import { startEnvoy } from "../../src/lab/envoy-process.ts";
import { startLab } from "../../src/lab/lab.ts";
import type { Lab } from "../../src/lab/lab.ts";
import { freePorts } from "../../src/lab/ports.ts";
import { envoyReady } from "../../src/lab/ready.ts";
import { commonModes as modes } from "../../src/plan/mode.ts";
import type { Mode } from "../../src/plan/mode.ts";
import type { TargetPlan } from "../../src/plan/plan.ts";
import type { ResultSet } from "../../src/result/result.ts";
import { startScraper } from "../../src/scraper/scraper.ts";
import type { Scraper } from "../../src/scraper/scraper.ts";
import { meshLoad } from "../cli/mesh-load.ts";

const workers = 3;
let envoy: string;
let directory: string;
let lab: Lab;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "mesh-load-scraper-"));
  envoy = await findEnvoy(null, {
    places: labPlaces(),
    onNote: () => undefined,
  });
  lab = await startLab(
    { modes, workers, workUs: 0, envoy, upstream: null, tls: false },
    { qps: 100, places: { envoyBin: undefined, path: "", cacheDir: directory }, onNote: () => undefined },
  );
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

function urlOf(mode: Mode): string {
  return lab.targets.find((target) => target.mode === mode)!.url;
}

function watch(target: Partial<TargetPlan>, intervalMs = 200): Promise<Scraper> {
  const plain = {
    name: "a",
    side: "" as const,
    mode: null,
    url: urlOf("default"),
    admin: lab.admin,
    pid: null,
    listener: null,
  };
  return startScraper({ target: { ...plain, ...target }, intervalMs });
}

/** Connections that end with the test, also where it fails: the next one counts its own. */
async function openConnections(url: string, count: number): Promise<Socket[]> {
  const { hostname, port } = new URL(url);
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(Number(port), hostname);
      onTestFinished(() => void socket.destroy());
      await once(socket, "connect");
      return socket;
    }),
  );
}

/** Sends one request and resolves when its whole answer, `ok`, is there. */
async function ask(socket: Socket): Promise<void> {
  socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  for (let text = ""; !text.endsWith("\r\n\r\nok");) text += String(await once(socket, "data"));
}

describe.each(modes)("a target in mode %s", (mode) => {
  test("is proven to be in that mode", async () => {
    await using scraper = await watch({ url: urlOf(mode), mode });
    expect(scraper.proof).toMatchObject({
      listener: mode,
      configured: mode,
      inEffect: mode,
      reusePort: mode === "reuse_port",
      sockets: mode === "reuse_port" ? workers : 1,
      descriptors: workers,
    });
    expect(scraper.pid).toBe(lab.pid);
    expect(scraper.listener).toBe(mode);
  });

  test("is counted as the test opened and asked it, by the listener and over its workers", async () => {
    // No beat falls into it, which a busy machine could miss.
    await using scraper = await watch({ url: urlOf(mode), mode }, 10_000);
    scraper.begin();
    const sockets = await openConnections(urlOf(mode), 20);
    await Promise.all(sockets.map(ask));
    await Promise.all(sockets.map(ask));
    const active = [...(await scraper.readActive!()).values()];
    expect(active.reduce((sum, count) => sum + count, 0)).toBe(20);
    if (mode === "exact_balance") expect(active.toSorted()).toEqual([6, 7, 7]);
    const observation = await scraper.stop();
    expect(observation.counted).toEqual({ connections: 20, requests: 40 });
    expect(observation.workers.map(({ connectionsOpened }) => connectionsOpened)).toEqual(active);
    expect(observation.envoy).toEqual({ version: lab.version, concurrency: workers });
    expect(observation.warnings.filter(({ code }) => code !== "noisy-machine")).toEqual([]);
  });
});

test("a busy worker's CPU shows over the load, and idle ones stay near zero", async () => {
  await using scraper = await watch({ pid: lab.pid });
  const [socket] = await openConnections(urlOf("default"), 1);
  await ask(socket!);
  const busy = [...(await scraper.readActive!())].find(([, count]) => count === 1)![0];
  scraper.begin();
  const until = performance.now() + 3500;
  while (performance.now() < until) await ask(socket!);
  const { workers: seen, seconds } = await scraper.stop();
  const percent = (id: number): number => seen.find((worker) => worker.id === id)!.cpuPercent!;
  const idle = seen.filter(({ id }) => id !== busy).map(({ id }) => percent(id));
  expect(idle).toHaveLength(workers - 1);
  // An idle worker wakes about once a second for Envoy's own timers.
  expect(Math.max(...idle)).toBeLessThan(2);
  expect(percent(busy)).toBeGreaterThan(8);
  expect(percent(busy)).toBeLessThan(101);
  expect(seconds.length).toBeGreaterThan(8);
  for (const second of seconds)
    expect(second.workers.map(({ id, connections }) => [id, connections])).toEqual(
      [0, 1, 2].map((id) => [id, id === busy ? 1 : 0]),
    );
  // Envoy's own measure of a turn of the busy loop: it had thousands, none longer than the load.
  const delay = seen.find(({ id }) => id === busy)!.dispatcher!;
  expect(delay.loopDurationP50Us).toBeLessThanOrEqual(delay.loopDurationP99Us);
  expect(delay.loopDurationP99Us).toBeLessThan(3.5e6);
});

test("a listener configured for another mode than the one asked for is a warning", async () => {
  await using scraper = await watch({ url: urlOf("default"), mode: "reuse_port" });
  const { warnings } = await scraper.stop();
  expect(warnings.map(({ code }) => code)).toContain("mode-not-in-effect");
});

test("of a process that started Envoys the one behind the load is watched, with or without its admin", async () => {
  await using other = await startLab(
    { modes: ["default"], workers: 1, workUs: 0, envoy, upstream: null, tls: false },
    { qps: 100, places: { envoyBin: undefined, path: "", cacheDir: directory }, onNote: () => undefined },
  );
  // This process has started both.
  const pid = process.pid;
  for (const [{ admin, pid: own }, url] of [
    [lab, urlOf("reuse_port")],
    [other, other.targets[0]!.url],
  ] as const) {
    for (const seen of [null, admin]) {
      await using known = await watch({ url, pid: own, admin: seen });
      await using scraper = await watch({ url, pid, admin: seen });
      expect([scraper.pid, scraper.tasks, scraper.proof]).toEqual([own, known.tasks, known.proof]);
    }
    expect(await inspect(admin, { pid })).toEqual(await inspect(admin, { pid: own }));
  }
});

test("the port of a listener is no admin", async () => {
  await expect(watch({ admin: urlOf("default") })).rejects.toMatchObject({ code: "ADMIN_NOT_ENVOY" });
});

test("inspect says yes to every listener of the lab, with the connections it holds", async () => {
  const sockets = await openConnections(urlOf("exact_balance"), 6);
  await Promise.all(sockets.map(ask));
  const reports = await inspect(lab.admin);
  expect(reports.map(({ name, inEffect, applied }) => [name, inEffect, applied])).toEqual(
    modes.map((mode) => [mode, mode, "yes"]),
  );
  expect(reports.find(({ name }) => name === "exact_balance")?.workers).toEqual(
    [0, 1, 2].map((id) => ({ id, connections: 2 })),
  );
});

test("an Envoy that ends in the middle of a load is a gap, and no error", async () => {
  await using other = await startLab(
    { modes: ["default"], workers: 1, workUs: 0, envoy, upstream: null, tls: false },
    { qps: 100, places: { envoyBin: undefined, path: "", cacheDir: directory }, onNote: () => undefined },
  );
  await using scraper = await watch({ url: other.targets[0]!.url, admin: other.admin }, 100);
  scraper.begin();
  await sleep(300);
  await other[Symbol.asyncDispose]();
  await sleep(500);
  const { counted, warnings } = await scraper.stop();
  expect(counted.connections).toBeNull();
  expect(warnings.map(({ code }) => code)).toEqual(expect.arrayContaining(["scrape-gap", "workers-unseen"]));
  expect(warnings.find(({ code }) => code === "scrape-gap")?.message).toContain("ECONNREFUSED");
});

describe("an Envoy that is configured by LDS", () => {
  /** Envoy 1.40 takes such an update in place, shows it as active, and balances as before. */
  test("is caught when exact_balance was added by an update, though its configuration says otherwise", async () => {
    const [adminPort = 0, port = 0] = await freePorts(2);
    const bootstrap = createBootstrap({
      adminPort,
      listeners: [{ mode: "reuse_port", port }],
      upstream: null,
      tls: null,
      workFile: null,
    }) as { static_resources: { listeners: object[] } };
    const listener = { "@type": "type.googleapis.com/envoy.config.listener.v3.Listener" };
    Object.assign(listener, bootstrap.static_resources.listeners[0]);
    const publish = async (version: string, balance: object): Promise<void> => {
      const resources = [{ ...listener, ...balance }];
      await writeFile(join(directory, "lds.new"), JSON.stringify({ version_info: version, resources }));
      await rename(join(directory, "lds.new"), join(directory, "lds.json"));
    };
    await publish("1", {});
    const configPath = join(directory, "envoy.json");
    const lds = {
      path_config_source: { path: join(directory, "lds.json"), watched_directory: { path: directory } },
    };
    const config = {
      ...bootstrap,
      node: { id: "a", cluster: "a" },
      static_resources: {},
      dynamic_resources: { lds_config: lds },
    };
    await writeFile(configPath, JSON.stringify(config));
    await using running = await startEnvoy({
      binary: envoy,
      configPath,
      logPath: join(directory, "envoy.log"),
      workers: 2,
    });
    const [admin, url] = [`http://127.0.0.1:${adminPort}`, `http://127.0.0.1:${port}/`];
    await envoyReady({ admin, urls: [url], failed: [running.failed] });
    expect(await inspect(admin)).toMatchObject([{ configured: "reuse_port", applied: "yes" }]);

    await publish("2", { connection_balance_config: { exact_balance: {} } });
    const patience = performance.now() + 10_000;
    while ((await inspect(admin))[0]?.configured !== "exact_balance" && performance.now() < patience)
      await sleep(50);
    expect(await inspect(admin)).toMatchObject([{ configured: "exact_balance", applied: "unknown" }]);

    // Chance spreads 33 connections 16:17 in one attempt of four.
    let caught = await watchBurst({ url, admin, mode: "exact_balance" });
    for (let attempt = 1; attempt < 12 && caught === null; attempt++)
      caught = await watchBurst({ url, admin, mode: "exact_balance" });
    expect(caught).toContain("exact_balance is configured, but reuse_port is in effect");
  });
});

test("of a load on a Unix domain socket, the listener there is told of, not that of the URL's address", async () => {
  const [port = 0, adminPort = 0] = await freePorts(2);
  const path = join(directory, "driven.sock");
  const bootstrap = createBootstrap({
    adminPort,
    listeners: [
      { mode: "reuse_port", port },
      { mode: "default", port },
    ],
    upstream: null,
    tls: null,
    workFile: null,
  }) as { static_resources: { listeners: object[] } };
  Object.assign(bootstrap.static_resources.listeners[1]!, { address: { pipe: { path } }, stat_prefix: "" });
  const configPath = join(directory, "piped.json");
  await writeFile(configPath, JSON.stringify(bootstrap));
  const logPath = join(directory, "piped.log");
  await using running = await startEnvoy({ binary: envoy, configPath, logPath, workers: 2 });
  const [admin, url] = [`http://127.0.0.1:${adminPort}`, `http://127.0.0.1:${port}/`];
  await envoyReady({ admin, urls: [url], failed: [running.failed] });
  expect(await inspect(admin)).toMatchObject([
    { inEffect: "reuse_port", sockets: 2, applied: "yes" },
    { inEffect: "default", sockets: 1, descriptors: 2, applied: "yes" },
  ]);

  const drive = async (...flags: string[]) => {
    const args = `run ${url} -admin ${admin} -c 4 -qps 100 -t 500ms -json - -quiet -no-save`.split(" ");
    const { stdout } = await meshLoad([...args, "-unix-socket", path, ...flags]);
    const [run] = (JSON.parse(stdout) as ResultSet).runs;
    return { ...run!, doubts: run!.warnings.map(({ code }) => code) };
  };
  const driven = await drive();
  expect(driven.proof).toMatchObject({
    listener: "default",
    configured: "default",
    inEffect: "default",
    sockets: 1,
    descriptors: 2,
  });
  expect(driven.statuses).toEqual({ 200: 50 });
  for (const code of ["counts-differ", "other-traffic"]) expect(driven.doubts).not.toContain(code);
  expect(driven.workers.reduce((sum, { connections }) => sum + connections, 0)).toBe(4);
  // Whoever names a listener is believed.
  const named = await drive("-listener", "reuse_port");
  expect(named.proof).toMatchObject({ listener: "reuse_port", inEffect: "reuse_port" });
  expect(named.doubts).toContain("counts-differ");
});

/** What the scraper says of the mode after 33 connections were placed, or `null` where it has no doubt. */
async function watchBurst(target: Partial<TargetPlan>): Promise<string | null> {
  await using scraper = await watch(target);
  scraper.begin();
  const sockets = await openConnections(target.url!, 33);
  await Promise.all(sockets.map(ask));
  const { warnings } = await scraper.stop();
  for (const socket of sockets) socket.destroy();
  await sleep(100);
  return warnings.find(({ code }) => code === "mode-not-in-effect")?.message ?? null;
}
