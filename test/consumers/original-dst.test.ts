/** Connections that iptables redirects to a virtual listener, which hands them over: as in an Istio sidecar. */

import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { labPlaces } from "../../src/cli/places.ts";
import { createBootstrap } from "../../src/lab/bootstrap.ts";
import { findEnvoy } from "../../src/lab/envoy-binary.ts";
import type { ResultSet } from "../../src/result/result.ts";
import { needDebian } from "./debian.ts";

// All of it lies within a network of its own: no address or rule can meet those of the machine.
const network = `mesh-load-${process.pid}`;
const [address, port, virtualPort, adminPort] = ["10.99.0.1", 18_080, 15_001, 15_000] as const;
const main = new URL("../../src/cli/main.ts", import.meta.url).pathname;
let folder: string;

const inside = (...command: string[]): string[] => ["netns", "exec", network, ...command];
const ip = (...args: string[]): string => execFileSync("ip", args, { encoding: "utf8" });

beforeAll(async () => {
  await needDebian({ ip: "iproute2", iptables: "iptables" });
  folder = await mkdtemp(join(tmpdir(), "mesh-load-redirect-"));
  ip("netns", "add", network);
  ip(...inside("ip", "link", "set", "lo", "up"));
  ip(...inside("ip", "address", "add", `${address}/32`, "dev", "lo"));
  const to = ["-p", "tcp", "-d", address, "--dport", String(port)];
  ip(
    ...inside(
      "iptables",
      "-t",
      "nat",
      "-A",
      "OUTPUT",
      ...to,
      "-j",
      "REDIRECT",
      "--to-ports",
      String(virtualPort),
    ),
  );
});
afterAll(async () => {
  ip("netns", "delete", network);
  await rm(folder, { recursive: true });
});

interface Bootstrap {
  readonly static_resources: { readonly listeners: readonly Record<string, unknown>[] };
}

const at = (host: string, number: number): object => ({
  socket_address: { address: host, port_value: number },
});

/** An Envoy in the network: the virtual listener has all the sockets, the other one all the routes. */
async function startEnvoy(balance: object): Promise<AsyncDisposable & { readonly pid: number }> {
  const listeners = [{ mode: "reuse_port", port }] as const;
  const bootstrap = createBootstrap({
    adminPort,
    listeners,
    upstream: null,
    workFile: null,
    tls: null,
  }) as Bootstrap;
  const [served] = bootstrap.static_resources.listeners;
  const target = { ...served, name: "inbound", address: at(address, port), bind_to_port: false, ...balance };
  const filter = {
    name: "envoy.filters.listener.original_dst",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.listener.original_dst.v3.OriginalDst",
    },
  };
  const virtual = {
    ...served,
    name: "virtual",
    stat_prefix: "virtual",
    address: at("0.0.0.0", virtualPort),
    use_original_dst: true,
    listener_filters: [filter],
  };
  const config = { ...bootstrap, static_resources: { listeners: [virtual, { ...target, stat_prefix: "" }] } };
  const path = join(folder, "envoy.json");
  await writeFile(path, JSON.stringify(config));
  const binary = await findEnvoy(null, { places: labPlaces(), onNote: () => undefined });
  const child = spawn("ip", inside(binary, "-c", path, "--concurrency", "2", "--disable-hot-restart"), {
    stdio: "ignore",
  });
  const exited = once(child, "exit");
  await expect.poll(() => inspect().catch(() => ""), { timeout: 20_000 }).toContain("inbound");
  return {
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}

async function inspect(): Promise<string> {
  const command = inside(process.execPath, main, "inspect", `http://127.0.0.1:${adminPort}`);
  return (await promisify(execFile)("ip", command)).stdout;
}

async function drive(...flags: string[]): Promise<ResultSet["runs"][number]> {
  const url = `http://${address}:${port}/`;
  const fixed = ["-admin", `http://127.0.0.1:${adminPort}`, "-no-save", "-quiet", "-json", "-"];
  const load = ["-c", "24", "-qps", "480", "-t", "500ms"];
  const command = inside(process.execPath, main, "run", url, ...fixed, ...load, ...flags);
  // A machine too busy to keep time is exit code 4, with the whole result.
  const { stdout } = await promisify(execFile)("ip", command, { maxBuffer: 2 ** 26 }).catch(
    (error: unknown) => error as { stdout: string },
  );
  return (JSON.parse(stdout) as ResultSet).runs[0]!;
}

test("a redirected connection is mapped to its worker by epoll and by unwind, on the listener that has it", async () => {
  await using _envoy = await startEnvoy({});
  const seen = await drive();
  expect(seen.failures).toEqual({});
  expect(seen.mapping).toMatchObject({
    method: "epoll",
    mapped: 24,
    unmapped: 0,
    checks: [{ method: "header", compared: 24, disagreed: 0 }],
  });
  expect(seen.proof).toMatchObject({ listener: "inbound", configured: "reuse_port", inEffect: "reuse_port" });
  expect(seen.proof.reason).toMatch(/handed over to it by virtual, which accepts them: 2 listening sockets/);
  expect(seen.warnings.map(({ code }) => code)).not.toContain("workers-unseen");
  const unwound = await drive("-map", "unwind");
  expect(unwound.mapping).toMatchObject({ method: "unwind", mapped: 24, unmapped: 0 });
  expect(unwound.mapping.checks.map(({ disagreed }) => disagreed)).toEqual([0, 0]);
});

test("exact_balance of the listener that receives is in effect, whatever listener accepts", async () => {
  await using _envoy = await startEnvoy({ connection_balance_config: { exact_balance: {} } });
  const seen = await drive();
  expect(seen.workers.map(({ connections }) => connections)).toEqual([12, 12]);
  expect(seen.proof).toMatchObject({ configured: "exact_balance", inEffect: "exact_balance" });
  expect(await inspect()).toMatch(/inbound[^]*in effect +exact_balance[^]*applied +yes/);
});
