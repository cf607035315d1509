/** TLS to the real nginx, over TCP and over a Unix domain socket, by every client: what its own log says of each request. */

import { readFileSync, rmSync, mkdtempSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePorts } from "../../src/lab/ports.ts";
import { drive, outcomes } from "../driver/drive.ts";
import { file, localhost, trusting } from "../servers/tls.ts";
import { needDebian } from "./debian.ts";
import { startServerProcess } from "./server-process.ts";
import type { Server } from "./server-process.ts";

const folder = mkdtempSync(join(tmpdir(), "mesh-load-nginx-"));
const socket = join(folder, "nginx.sock");
const log = join(folder, "access.log");
let nginx: Server;
let port = 0;

beforeAll(async () => {
  await needDebian({ nginx: "nginx-light" });
  [port = 0] = await freePorts(1);
  const config = join(folder, "nginx.conf");
  writeFileSync(
    config,
    `daemon off; worker_processes 2; pid ${config}.pid; error_log stderr;
     events { worker_connections 512; }
     http {
       log_format seen "$connection $server_protocol $ssl_protocol $ssl_alpn_protocol $ssl_server_name $request_uri";
       access_log ${log} seen;
       keepalive_requests 1000000;
       ssl_protocols TLSv1.2 TLSv1.3;
       ssl_certificate ${file("nginx.pem", localhost.certificate)};
       ssl_certificate_key ${file("nginx.key", localhost.key)};
       server {
         listen 127.0.0.1:${port} ssl http2;
         listen unix:${socket} ssl http2;
         location / { return 200 ok; }
       }
     }`,
  );
  nginx = await startServerProcess(["nginx", "-c", config], accepts);
});
afterAll(async () => {
  await nginx?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const accepts = (): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(socket, () => resolve(true)).once("error", () => resolve(false));
    probe.once("connect", () => probe.destroy());
  });

const cases = (["fast", "standard"] as const).flatMap((client) =>
  (["http/1.1", "h2"] as const).flatMap((protocol) =>
    (["TCP", "a Unix domain socket"] as const).flatMap((over) =>
      [true, false].map((keepalive) => ({ client, protocol, over, keepalive })),
    ),
  ),
);

test.each(cases)(
  "$client client, $protocol over TLS over $over, keepalive $keepalive",
  async ({ client, protocol, over, keepalive }) => {
    writeFileSync(log, "");
    const load = await drive(`https://localhost:${port}/a?b=c`, {
      client,
      protocol,
      keepalive,
      unixSocket: over === "TCP" ? null : socket,
      tls: trusting,
      streams: protocol === "h2" && keepalive ? 3 : 1,
      connections: 4,
      qps: 0,
      exactly: 60,
      timeoutUs: 5e6,
    });
    expect(outcomes(load.samples)).toEqual({ 200: 60 });
    // nginx logs a request when it has sent the response.
    const lines = (): string[] => readFileSync(log, "utf8").trim().split("\n");
    await expect.poll(() => lines().length).toBe(60);
    const seen = lines().map((line) => line.split(" "));
    const connections = new Set(seen.map(([connection]) => connection));
    expect(connections.size).toBe(keepalive ? 4 : 60);
    expect(load.connections.filter(({ tlsTimeUs }) => tlsTimeUs !== null).length).toBe(connections.size);
    const version = protocol === "h2" ? "HTTP/2.0" : "HTTP/1.1";
    expect(new Set(seen.map(([, ...rest]) => rest.join(" ")))).toEqual(
      new Set([`${version} TLSv1.3 ${protocol} localhost /a?b=c`]),
    );
  },
);
