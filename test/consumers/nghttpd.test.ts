/** HTTP/2 against nghttpd, the server of the reference implementation of HPACK. */

import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { freePorts } from "../../src/lab/ports.ts";
import { drive, outcomes } from "../driver/drive.ts";
import { needDebian } from "./debian.ts";

const program = "nghttpd";
const size = 300_000;

beforeAll(() => needDebian({ [program]: "nghttp2-server" }));

async function startNghttpd(...flags: string[]): Promise<AsyncDisposable & { readonly url: string }> {
  const folder = await mkdtemp(join(tmpdir(), "mesh-load-nghttpd-"));
  await writeFile(join(folder, "file"), Buffer.alloc(size));
  const [port = 0] = await freePorts(1);
  const child = spawn(program, ["--no-tls", "-d", folder, ...flags, String(port)], { stdio: "ignore" });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  await expect.poll(() => accepts(port), { timeout: 10_000 }).toBe(true);
  return {
    url: `http://127.0.0.1:${port}/file`,
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

test.each([
  ["as it is", []],
  ["with padding", ["-b", "200"]],
  ["with trailers", ["--trailer", "x-checksum: 1"]],
  ["allowing two streams", ["-m", "2"]],
  ["with a table of no size", ["--header-table-size=0", "--encoder-header-table-size=0"]],
  ["with its smallest windows", ["-w", "1", "-W", "1"]],
])("nghttpd %s answers every request, whole", async (_, flags) => {
  await using server = await startNghttpd(...flags);
  const load = await drive(server.url, {
    protocol: "h2",
    connections: 3,
    streams: 8,
    qps: 0,
    exactly: 300,
    timeoutUs: 10e6,
  });
  expect(outcomes(load.samples)).toEqual({ 200: 300 });
  expect(load.connections.length).toBe(3);
  expect(load.bytesReceived).toBeGreaterThan(300 * size);
});

test("nghttpd echoes a body as far as its windows go", async () => {
  await using server = await startNghttpd("--echo-upload", "-w", "10", "-W", "12");
  const load = await drive(server.url, {
    protocol: "h2",
    connections: 2,
    streams: 3,
    qps: 0,
    exactly: 30,
    timeoutUs: 10e6,
    request: { method: "POST", headers: [], body: Buffer.alloc(size).toString("base64") },
  });
  expect(outcomes(load.samples)).toEqual({ 200: 30 });
  expect(load.bytesReceived).toBeGreaterThan(30 * size);
});
