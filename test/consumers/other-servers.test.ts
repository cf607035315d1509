/** Servers that are no Envoy: nginx, a process a worker, and HAProxy, a thread a worker. */

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePorts } from "../../src/lab/ports.ts";
import type { Run } from "../../src/result/result.ts";
import { needDebian } from "./debian.ts";
import { startServerProcess } from "./server-process.ts";
import type { Server } from "./server-process.ts";
import { driveOnce } from "../e2e/drive-once.ts";
import type { RunWish } from "../e2e/drive-once.ts";

let folder: string;
beforeAll(async () => {
  await needDebian({ nginx: "nginx-light", haproxy: "haproxy" });
  folder = await mkdtemp(join(tmpdir(), "mesh-load-servers-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const start = (command: readonly string[], ports: readonly number[]): Promise<Server> =>
  startServerProcess(command, async () => (await Promise.all(ports.map(answers))).every(Boolean));

/** A worker has answered, if only to hang up on what it does not understand. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
    socket.once("data", () => resolve(true)).once("error", () => resolve(false));
    socket.once("end", () => resolve(true)).once("data", () => socket.destroy());
  });
}

async function startNginx(
  listen: readonly string[],
  { acceptMutex, workers }: { acceptMutex: boolean; workers: number },
): Promise<Server & { readonly ports: readonly number[] }> {
  const ports = await freePorts(listen.length);
  const path = join(folder, `nginx-${ports[0]}.conf`);
  const servers = listen.map(
    (how, i) =>
      `server { listen 127.0.0.1:${ports[i]} ${how}; location / { add_header x-worker $pid; return 200 ok; } }`,
  );
  await writeFile(
    path,
    `daemon off; worker_processes ${workers}; pid ${path}.pid; error_log stderr;
     events { worker_connections 512; accept_mutex ${acceptMutex ? "on" : "off"}; }
     http { access_log off; keepalive_requests 1000000; ${servers.join("\n")} }`,
  );
  return { ...(await start(["nginx", "-c", path], ports)), ports };
}

async function startHaproxy(
  binds: readonly string[],
  { threads, master }: { threads: number; master: boolean },
): Promise<Server & { readonly ports: readonly number[] }> {
  const ports = await freePorts(binds.length);
  const path = join(folder, `haproxy-${ports[0]}.cfg`);
  const frontends = binds.map(
    (how, i) => `frontend f${i}
  bind 127.0.0.1:${ports[i]} ${how}
  http-request return status 200 content-type text/plain string ok hdr x-worker %[thread]
`,
  );
  await writeFile(
    path,
    `global
  nbthread ${threads}
defaults
  mode http
  timeout client 30s
  timeout server 30s
  timeout connect 3s
${frontends.join("")}`,
  );
  return { ...(await start(["haproxy", ...(master ? ["-W"] : []), "-f", path], ports)), ports };
}

function driveServer(port: number, over: Omit<RunWish, "target">): Promise<Run> {
  const target = { url: `http://127.0.0.1:${port}/` };
  return driveOnce({ target, workerHeader: "x-worker", ...over });
}

const codes = ({ warnings }: Run): string[] => warnings.map(({ code }) => code);
const connectionsOf = ({ workers }: Run): number[] => workers.map(({ connections }) => connections);
/** CPU ticks of 10 ms of one thread, or with its main thread's id of a process of one thread. */
function ticksOf(pid: number, thread: number): number {
  const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}
const taskIn = (name: string | undefined): number => Number(/\d+$/.exec(name ?? "")?.[0]);

/** Expects epoll to know every connection, and the server's own header to say the same of each. */
function expectMapped(result: Run, workers: number): void {
  expect(result.failures).toEqual({});
  expect(result.mapping).toMatchObject({
    method: "epoll",
    mapped: 24,
    unmapped: 0,
    checks: [{ method: "header", compared: 24, disagreed: 0 }],
  });
  expect(result.workers.map(({ id }) => id)).toEqual([...Array(workers).keys()]);
  expect(connectionsOf(result).reduce((sum, held) => sum + held, 0)).toBe(24);
  expect(codes(result)).not.toContain("workers-unseen");
}

describe("nginx with three workers", () => {
  test.each([
    { listen: "", acceptMutex: false, inEffect: "default", sockets: 1, descriptors: 3 },
    { listen: "", acceptMutex: true, inEffect: "default", sockets: 1, descriptors: 3 },
    { listen: "reuseport", acceptMutex: false, inEffect: "reuse_port", sockets: 3 },
  ])("listen $listen, accept_mutex $acceptMutex", async ({ listen, acceptMutex, ...proof }) => {
    await using server = await startNginx([listen], { acceptMutex, workers: 3 });
    const result = await driveServer(server.ports[0]!, { pid: server.pid });
    expectMapped(result, 3);
    expect(result.proof).toMatchObject(proof);
    for (const { name } of result.workers) expect(name).toMatch(/^nginx \d+$/);
    const parents = result.workers.map(({ name }) => readFileSync(`/proc/${taskIn(name)}/stat`, "utf8"));
    expect(parents.map((stat) => Number(stat.split(" ")[3]))).toEqual([server.pid, server.pid, server.pid]);
  });

  test("the CPU of each worker is that of its process", async () => {
    await using server = await startNginx([""], { acceptMutex: true, workers: 2 });
    const [port = 0] = server.ports;
    const { workers: seen } = await driveServer(port, { pid: server.pid, load: { duration: "100ms" } });
    const pids = seen.map(({ name }) => taskIn(name));
    const before = pids.map((pid) => ticksOf(pid, pid));
    const result = await driveServer(port, {
      pid: server.pid,
      load: { connections: 1, qps: 0, duration: "2s" },
    });
    const usedS = pids.map((pid, i) => (ticksOf(pid, pid) - before[i]!) / 100);
    for (const [i, { cpuPercent, connections }] of result.workers.entries()) {
      const measuredS = (cpuPercent! / 100) * result.actual.durationS;
      expect(Math.abs(measuredS - usedS[i]!)).toBeLessThan(0.05 + 0.05 * usedS[i]!);
      if (connections === 1) expect(usedS[i]).toBe(Math.max(...usedS));
    }
  });

  test("a worker's PID is as good as the master's, also for short-lived connections known by header", async () => {
    await using server = await startNginx(["reuseport"], { acceptMutex: false, workers: 2 });
    const first = await driveServer(server.ports[0]!, { pid: server.pid });
    const load = { keepalive: false, connections: 4 };
    const result = await driveServer(server.ports[0]!, { pid: taskIn(first.workers[1]?.name), load });
    expect(result.workers.map(({ name }) => name)).toEqual(first.workers.map(({ name }) => name));
    expect(result.mapping).toMatchObject({ method: "header", mapped: 240, unmapped: 0 });
    expect(Math.min(...connectionsOf(result))).toBeGreaterThan(60);
  });

  test("without its PID, its workers are known by the PIDs that the header names", async () => {
    await using server = await startNginx(["reuseport"], { acceptMutex: false, workers: 2 });
    const known = await driveServer(server.ports[0]!, { pid: server.pid });
    const blind = await driveServer(server.ports[0]!, {});
    expect(blind.mapping).toMatchObject({ method: "header", mapped: 24 });
    expect(blind.workers.map(({ id }) => id)).toEqual(known.workers.map(({ name }) => taskIn(name)));
  });

  test("workers that are replaced during the load are named, and the latencies stay", async () => {
    await using server = await startNginx([""], { acceptMutex: false, workers: 2 });
    const reload = (): void => void setTimeout(() => process.kill(server.pid, "SIGHUP"), 700);
    const result = await driveServer(server.ports[0]!, {
      pid: server.pid,
      load: { qps: 240, duration: "2s" },
      onStart: reload,
    });
    const gone = result.warnings.find(({ message }) => message.includes("ended during the load"));
    expect(gone?.message).toMatch(/^Of its workers, nginx \d+, nginx \d+ ended during the load$/);
    expect(codes(result)).toContain("connections-lost");
    expect(result.latency.count).toBe(480);
    expect(result.mapping.mapped + result.mapping.unmapped).toBe(result.socketsOpened);
  });
});

describe("HAProxy with three threads", () => {
  test.each([
    { bind: "", master: false, protocol: "http/1.1", inEffect: "default", sockets: 1 },
    { bind: "shards by-thread", master: true, protocol: "http/1.1", inEffect: "reuse_port", sockets: 3 },
    { bind: "proto h2", master: true, protocol: "h2", inEffect: "default", sockets: 1 },
  ] as const)("bind $bind, master $master, $protocol", async ({ bind, master, protocol, ...proof }) => {
    await using server = await startHaproxy([bind], { threads: 3, master });
    const result = await driveServer(server.ports[0]!, { pid: server.pid, load: { protocol } });
    expectMapped(result, 3);
    expect(result.proof).toMatchObject(proof);
    for (const { name } of result.workers) expect(name).toMatch(/^haproxy \d+$/);
  });

  test("the CPU of each worker is that of its thread", async () => {
    await using server = await startHaproxy([""], { threads: 2, master: false });
    const [port = 0] = server.ports;
    const { workers: seen } = await driveServer(port, { pid: server.pid, load: { duration: "100ms" } });
    const threads = seen.map(({ name }) => taskIn(name));
    const before = threads.map((thread) => ticksOf(server.pid, thread));
    const result = await driveServer(port, {
      pid: server.pid,
      load: { connections: 1, qps: 0, duration: "2s" },
    });
    const usedS = threads.map((thread, i) => (ticksOf(server.pid, thread) - before[i]!) / 100);
    for (const [i, { cpuPercent, connections }] of result.workers.entries()) {
      const measuredS = (cpuPercent! / 100) * result.actual.durationS;
      expect(Math.abs(measuredS - usedS[i]!)).toBeLessThan(0.05 + 0.05 * usedS[i]!);
      if (connections === 1) expect(usedS[i]).toBe(Math.max(...usedS));
    }
  });
});

test("a process that does not listen there is named, and nothing is told of its threads", async () => {
  await using server = await startNginx([""], { acceptMutex: false, workers: 2 });
  const stranger = spawn("sleep", ["60"]);
  const result = await driveServer(server.ports[0]!, { pid: stranger.pid!, workerHeader: "none" });
  stranger.kill();
  expect(result.workers).toEqual([]);
  expect(result.warnings.find(({ code }) => code === "workers-unseen")?.message).toMatch(
    new RegExp(
      `^Process ${stranger.pid} \\(.*\\) does not listen on the address that is driven: nothing is told`,
    ),
  );
  expect(result.latency.count).toBe(240);
  expect(result.failures).toEqual({});
});
