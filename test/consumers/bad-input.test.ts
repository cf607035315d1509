/** What is behind the target is not what it seems, or changes under the load: it is named, and the rest stays right. */

import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { labPlaces } from "../../src/cli/places.ts";
import { createBootstrap } from "../../src/lab/bootstrap.ts";
import { findEnvoy } from "../../src/lab/envoy-binary.ts";
import { freePorts } from "../../src/lab/ports.ts";
import { envoyReady } from "../../src/lab/ready.ts";
import type { Run } from "../../src/result/result.ts";
import { startProxy } from "../e2e/mapping-proxy.ts";
import type { Proxy } from "../e2e/mapping-proxy.ts";
import { needDebian } from "./debian.ts";
import { driveOnce, messagesOf } from "../e2e/drive-once.ts";

let proxy: Proxy;
let another: Proxy;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mesh-load-bad-input-"));
  [proxy, another] = await Promise.all([startProxy("127.0.0.1"), startProxy("127.0.0.1")]);
});
afterAll(async () => {
  await proxy?.[Symbol.asyncDispose]();
  await another?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const urlOf = ({ portOf }: Proxy): string => `http://127.0.0.1:${portOf.reuse_port}/`;

const ip = (...args: string[]): string => execFileSync("ip", args, { encoding: "utf8" });

/** All that needs neither admin nor process: it must be there whatever those are. */
function expectMeasured({ latency, failures, statuses }: Run, requests = 240): void {
  expect(latency.count).toBe(requests);
  expect(failures).toEqual({});
  expect(statuses).toEqual({ "200": requests });
}

test("the admin of another Envoy is told from the one behind the URL", async () => {
  const run = await driveOnce({ target: { url: urlOf(proxy), admin: another.admin } });
  expectMeasured(run);
  expect(messagesOf(run, "workers-unseen").join("\n")).toContain(
    `Envoy at ${another.admin} has no listener on the address of ${urlOf(proxy)}`,
  );
  expect(run.proof.inEffect).toBeNull();
  expect(run.workers.every(({ cpuPercent }) => cpuPercent === null)).toBe(true);
  expect(run.mapping).toMatchObject({ method: "header", mapped: 24 });
});

test("the PID of another Envoy is told from that of the server, and its CPU is nobody's", async () => {
  const run = await driveOnce({ target: { url: urlOf(proxy), admin: proxy.admin, pid: another.pid } });
  expectMeasured(run);
  expect(messagesOf(run, "workers-unseen")).toContain(
    `Process ${another.pid} (envoy) does not listen on the address that is driven: nothing is told of it`,
  );
  expect(run.workers.map(({ cpuPercent }) => cpuPercent)).toEqual([null, null]);
  expect(run.mapping).toMatchObject({ method: "header", mapped: 24, unmapped: 0 });
});

test("a wrong PID does not keep the connections from being unwound", async () => {
  const run = await driveOnce({
    target: { url: urlOf(proxy), admin: proxy.admin, pid: another.pid },
    workerHeader: "x-none",
  });
  expect(run.mapping).toMatchObject({ method: "unwind", mapped: 24, unmapped: 0 });
  expect(run.mapping.reason).toBe("unwind told 24 of 24 connections");
});

describe("as another user than Envoy's", () => {
  test.runIf(process.getuid?.() === 0)("what procfs denies is named, and unwind takes over", async () => {
    // Its own copy of the sources and of Node: a home of root may be closed to others.
    const root = new URL("../../", import.meta.url).pathname;
    await chmod(folder, 0o755);
    for (const part of ["src", "profiles", "package.json"])
      await cp(join(root, part), join(folder, part), { recursive: true });
    await cp(join(root, "node_modules"), join(folder, "node_modules"), { recursive: true });
    const node = join(folder, "node");
    await cp(process.execPath, node);
    const flags = [
      "-admin",
      proxy.admin,
      "-c",
      "24",
      "-qps",
      "480",
      "-t",
      "500ms",
      "-worker-header",
      "x-none",
    ];
    const args = [
      join(folder, "src/cli/main.ts"),
      "run",
      urlOf(proxy),
      ...flags,
      "-no-save",
      "-json",
      "-",
      "-quiet",
    ];
    const { stdout } = await promisify(execFile)(node, args, {
      uid: 65_534,
      gid: 65_534,
      maxBuffer: 2 ** 26,
    }).catch((error: unknown) => error as { stdout: string });
    const run = (JSON.parse(stdout) as { runs: Run[] }).runs[0]!;
    expectMeasured(run);
    const [unseen] = messagesOf(run, "workers-unseen");
    expect(unseen).toMatch(/^The CPU of its workers and the kernel's proof of the mode are out of sight: /);
    expect(unseen).toMatch(/ but only its own user or root may look at its descriptors$/);
    for (const { pid } of [proxy, another]) expect(unseen).toMatch(new RegExp(`\\b${pid}\\b`));
    expect(run.mapping).toMatchObject({ method: "unwind", mapped: 24, unmapped: 0 });
    expect(run.workers.reduce((sum, { connections }) => sum + connections, 0)).toBe(24);
  });
});

test("a process in another network is named as such, and its workers are still found", async () => {
  await needDebian({ ip: "iproute2" });
  const network = `mesh-load-far-${process.pid}`;
  const [here, there, adminPort, port] = ["10.98.0.1", "10.98.0.2", 15_000, 18_080] as const;
  const link = `ml${process.pid}`;
  ip("netns", "add", network);
  try {
    ip("link", "add", link, "type", "veth", "peer", "name", "far", "netns", network);
    ip("address", "add", `${here}/30`, "dev", link);
    ip("link", "set", link, "up");
    for (const command of [`address add ${there}/30 dev far`, "link set far up", "link set lo up"])
      ip("-netns", network, ...command.split(" "));
    const config = join(folder, "far.json");
    const listeners = [{ mode: "reuse_port", port }] as const;
    const bootstrap = JSON.stringify(
      createBootstrap({ adminPort, listeners, upstream: null, workFile: null, tls: null }),
    );
    await writeFile(config, bootstrap.replaceAll("127.0.0.1", there));
    const binary = await findEnvoy(null, { places: labPlaces(), onNote: () => undefined });
    const args = [
      "netns",
      "exec",
      network,
      binary,
      "-c",
      config,
      "--concurrency",
      "2",
      "--disable-hot-restart",
    ];
    const child = spawn("ip", args, { stdio: "ignore" });
    const exited = once(child, "exit");
    try {
      const [admin, url] = [`http://${there}:${adminPort}`, `http://${there}:${port}/`];
      await envoyReady({ admin, urls: [url], failed: [] });
      const run = await driveOnce({ target: { url, admin, pid: child.pid! } });
      expectMeasured(run);
      expect(messagesOf(run, "workers-unseen")).toEqual([
        `Process ${child.pid} lives in another network namespace: its ports may not be those of the URL`,
      ]);
      expect(run.proof).toMatchObject({ inEffect: "reuse_port", sockets: 2 });
      expect(run.mapping).toMatchObject({
        method: "epoll",
        mapped: 24,
        checks: [{ method: "header", compared: 24, disagreed: 0 }],
      });
    } finally {
      child.kill();
      await exited;
    }
  } finally {
    ip("netns", "delete", network);
  }
});

test("counters that are reset under the load are named, and what was counted is not told", async () => {
  const reset = (): void =>
    void setTimeout(() => void fetch(`${proxy.admin}/reset_counters`, { method: "POST" }), 1500);
  const run = await driveOnce({
    target: { url: urlOf(proxy), admin: proxy.admin },
    load: { qps: 80, duration: "3s" },
    onStart: reset,
  });
  expectMeasured(run);
  expect(messagesOf(run, "scrape-gap").join("\n")).toContain("counters went backwards");
  for (const code of ["other-traffic", "counts-differ"]) expect(messagesOf(run, code)).toEqual([]);
  expect(run.mapping).toMatchObject({ method: "epoll", mapped: 24, unmapped: 0 });
});

test("an Envoy that hands over to its successor under the load (hot restart) is named", async () => {
  const [adminPort = 0, port = 0] = await freePorts(2);
  const listeners = [{ mode: "reuse_port", port }] as const;
  const config = join(folder, "envoy.json");
  await writeFile(
    config,
    JSON.stringify(createBootstrap({ adminPort, listeners, upstream: null, workFile: null, tls: null })),
  );
  const binary = await findEnvoy(null, { places: labPlaces(), onNote: () => undefined });
  const start = (epoch: number): ReturnType<typeof spawn> => {
    const shared = ["--base-id", String(20_000 + (process.pid % 10_000)), "--concurrency", "2"];
    const soon = ["--parent-shutdown-time-s", "2", "--drain-time-s", "1"];
    return spawn(binary, ["-c", config, ...shared, ...soon, "--restart-epoch", String(epoch)], {
      stdio: "ignore",
    });
  };
  const old = start(0);
  const ended = once(old, "exit");
  let young: ReturnType<typeof spawn> | undefined;
  try {
    const admin = `http://127.0.0.1:${adminPort}`;
    const url = `http://127.0.0.1:${port}/`;
    await envoyReady({ admin, urls: [url], failed: [] });
    const run = await driveOnce({
      target: { url, admin },
      load: { qps: 120, duration: "10s" },
      onStart: () => void setTimeout(() => (young = start(1)), 700),
    });
    await ended;
    expect(run.latency.count).toBe(1200);
    expect(run.statuses["200"]).toBeGreaterThan(1200 - 24);
    const told = [...messagesOf(run, "scrape-gap"), ...messagesOf(run, "workers-unseen")].join("\n");
    expect(told).toContain(`Process ${old.pid} (envoy) ended during the load`);
    expect(messagesOf(run, "connections-lost")).toHaveLength(1);
    expect(run.mapping.mapped + run.mapping.unmapped).toBe(run.socketsOpened);
  } finally {
    for (const child of [old, young]) child?.kill();
    await ended;
    if (young !== undefined && young.exitCode === null) await once(young, "exit");
  }
});
