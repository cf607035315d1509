/** Where connections go and come from, as the servers there see it. */

import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { createSecureServer, createServer as createHttp2Server } from "node:http2";
import type { Http2ServerRequest } from "node:http2";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { expect, test } from "vitest";
import { chooseAddresses, reachedUrl } from "../../src/driver/server-addresses.ts";
import type { LoadPlan } from "../../src/plan/plan.ts";
import { answers, answersOk, okResponse } from "../servers/behaviours.ts";
import { startServer } from "../servers/start-server.ts";
import type { TestServer } from "../servers/start-server.ts";
import { authority, days, trusting } from "../servers/tls.ts";
import { drive, outcomes } from "./drive.ts";

const quick = { qps: 200, connections: 4, durationUs: 200_000, timeoutUs: 1e6 };

type Choice = Pick<LoadPlan, "resolveIpType" | "dnsMethod">;
const asked: Choice = { resolveIpType: null, dnsMethod: "cached-rr" };

test.each<[string[], Partial<Choice>, string[]]>([
  [["::1", "127.0.0.1", "127.0.0.2"], {}, ["127.0.0.1", "127.0.0.2"]],
  [["::1"], {}, ["::1"]],
  [["::1", "127.0.0.1"], { resolveIpType: "ip6" }, ["::1"]],
  [["::1", "127.0.0.1"], { resolveIpType: "ip" }, ["::1", "127.0.0.1"]],
  [["::1", "127.0.0.1", "127.0.0.2"], { dnsMethod: "first" }, ["127.0.0.1"]],
  [["::1", "127.0.0.1"], { resolveIpType: "ip", dnsMethod: "first" }, ["::1"]],
])("of %j with %j takes %j", (addresses, choice, expected) => {
  expect(chooseAddresses(addresses, "host", { ...asked, ...choice })).toEqual(expected);
});

test("takes an address in the URL as it is, and says so where a host has none of the kind", () => {
  expect(chooseAddresses(["::1"], "::1", { ...asked, resolveIpType: "ip4" })).toEqual(["::1"]);
  expect(() => chooseAddresses(["::1"], "host", { ...asked, resolveIpType: "ip4" })).toThrow(
    "host host has no address of -resolve-ip-type ip4, only ::1",
  );
});

test("looks for the listener at the address that is connected to", () => {
  expect(reachedUrl("http://a.example:81/x?y", { resolve: ["10.0.0.1", "10.0.0.2"] })).toBe(
    "http://10.0.0.1:81/x?y",
  );
  expect(reachedUrl("http://a.example/", { resolve: ["::1"] })).toBe("http://[::1]/");
  expect(reachedUrl("http://a.example/", { resolve: [] })).toBe("http://a.example/");
});

test("connects where -resolve says, and asks for the URL's host there", async () => {
  const hosts = new Set<string>();
  await using server = await startServer({
    onRequest: (socket, { head }) => {
      hosts.add(/\r\nhost: (.*)/i.exec(head)![1]!);
      socket.write(okResponse());
    },
  });
  const url = `http://does-not-exist.invalid:${server.port}/`;
  const load = await drive(url, { ...quick, resolve: ["127.0.0.1"] });
  expect(outcomes(load.samples)).toEqual({ 200: 40 });
  expect([...hosts]).toEqual([`does-not-exist.invalid:${server.port}`]);
});

test.each([
  ["kept alive", true, 2],
  ["short-lived", false, 20],
] as const)("takes the addresses in turn, over all threads: %s", async (_, keepalive, each) => {
  await using first = await startServer(answersOk());
  await using second = await startServer(answersOk(), first.port, "127.0.0.2");
  const load = await drive(first.url, {
    ...quick,
    keepalive,
    threads: 2,
    resolve: ["127.0.0.1", "127.0.0.2"],
  });
  expect(outcomes(load.samples)).toEqual({ 200: 40 });
  expect([first.connections, second.connections]).toEqual([each, each]);
  expect([first.requests, second.requests]).toEqual([20, 20]);
  for (const { slot, remoteAddress } of load.connections.filter(() => keepalive))
    expect(remoteAddress).toBe(slot % 2 === 0 ? "127.0.0.1" : "127.0.0.2");
});

test.each([
  ["kept alive", true, 4, 1],
  ["short-lived, all on one slot", false, 1, 10],
])("comes from the local addresses in turn: %s", async (_, keepalive, connections, each) => {
  const seen: Record<string, number> = {};
  const localAddresses = ["127.0.0.5", "127.0.0.6", "127.0.0.7", "127.0.0.8"];
  await using server = await startServer({
    ...answersOk(),
    onConnection: ({ remoteAddress = "" }) => void (seen[remoteAddress] = (seen[remoteAddress] ?? 0) + 1),
  });
  await drive(server.url, { ...quick, keepalive, connections, localAddresses });
  expect(seen).toEqual(Object.fromEntries(localAddresses.map((address) => [address, each])));
});

test("comes to every address from every local address", async () => {
  const seen: string[] = [];
  const note = (address: string) => ({
    ...answersOk(),
    onConnection: (socket: Socket) => void seen.push(`${socket.remoteAddress} → ${address}`),
  });
  await using first = await startServer(note("127.0.0.1"));
  await using _second = await startServer(note("127.0.0.2"), first.port, "127.0.0.2");
  await drive(first.url, {
    ...quick,
    resolve: ["127.0.0.1", "127.0.0.2"],
    localAddresses: ["127.0.0.5", "127.0.0.6"],
  });
  expect(seen.sort()).toEqual([
    "127.0.0.5 → 127.0.0.1",
    "127.0.0.5 → 127.0.0.2",
    "127.0.0.6 → 127.0.0.1",
    "127.0.0.6 → 127.0.0.2",
  ]);
});

const respond =
  (hosts: Set<unknown>) => (request: IncomingMessage | Http2ServerRequest, response: Writable) => {
    hosts.add(request.headers[":authority"] ?? request.headers.host);
    response.end("ok");
  };

test.each([
  ["fast", "http/1.1", "http"],
  ["fast", "http/1.1", "https"],
  ["fast", "h2", "http"],
  ["fast", "h2", "https"],
  ["standard", "http/1.1", "https"],
  ["standard", "h2", "https"],
] as const)("drives a Unix domain socket: %s client, %s, %s", async (client, protocol, scheme) => {
  const directory = await mkdtemp(join(tmpdir(), "mesh-load-"));
  const path = join(directory, "a.sock");
  const hosts = new Set<unknown>();
  const { certificate: cert, key } = authority.issue("a.example", ["a.example"], days(-1, 1));
  const answer = respond(hosts);
  const server =
    scheme === "https"
      ? createSecureServer({ cert, key, allowHTTP1: protocol === "http/1.1" }, answer)
      : protocol === "h2"
        ? createHttp2Server(answer)
        : createServer(answer);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    const tls = scheme === "https" ? trusting : null;
    const load = await drive(`${scheme}://a.example/x`, {
      ...quick,
      client,
      protocol,
      tls,
      unixSocket: path,
    });
    expect(outcomes(load.samples)).toEqual({ 200: 40 });
    expect([...hosts]).toEqual(["a.example"]);
    expect(load.connections.map(({ remoteAddress, localPort }) => [remoteAddress, localPort])).toEqual(
      Array.from({ length: 4 }, () => [path, 0]),
    );
    for (const { tlsTimeUs } of load.connections) expect(tlsTimeUs !== null).toBe(scheme === "https");
  } finally {
    server.close();
    await rm(directory, { recursive: true });
  }
});

test("says which socket is not there", async () => {
  await expect(drive("http://a/", { ...quick, unixSocket: "/nowhere/a.sock" })).rejects.toThrow(
    /no connection to http:\/\/a\/ could be opened: .*ENOENT \/nowhere\/a\.sock/,
  );
});

/** Connections to a port that wait in TIME_WAIT (state 06) on this machine. */
function waitingTo(port: number): number {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, "0")} 06 `;
  return readFileSync("/proc/net/tcp", "latin1")
    .split("\n")
    .filter((line) => line.includes(remote)).length;
}

/** A server on a port to which nothing waits: an earlier test may have had it. */
async function startAtRest(): Promise<TestServer> {
  for (;;) {
    const server = await startServer(answers(okResponse()));
    if (waitingTo(server.port) === 0) return server;
    await server[Symbol.asyncDispose]();
  }
}

test.each([
  ["with -linger0 no port waits", true, 0],
  ["otherwise the port of each connection does", false, 40],
] as const)("closing first: %s", async (_, linger0, waiting) => {
  // It leaves closing to the client.
  await using server = await startAtRest();
  const load = await drive(server.url, { ...quick, keepalive: false, linger0 });
  expect(outcomes(load.samples)).toEqual({ 200: 40 });
  await expect.poll(() => server.open).toBe(0);
  await expect.poll(() => waitingTo(server.port)).toBe(waiting);
});
