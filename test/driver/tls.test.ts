/** TLS as the servers of OpenSSL (through Node) speak it, good and bad ones. */

import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket, TlsOptions } from "node:tls";
import { describe, expect, test } from "vitest";
import { createAuthority } from "../../src/lab/certificate.ts";
import type { LoadPlan } from "../../src/plan/plan.ts";
import type { Load } from "../../src/result/load.ts";
import { as, authority, days, file, localhost, startTls, trusting } from "../servers/tls.ts";
import { thrown } from "../thrown.ts";
import { drive, outcomes } from "./drive.ts";

const quick: Partial<LoadPlan> = { qps: 0, connections: 3, exactly: 30, timeoutUs: 5e6, tls: trusting };
const shortLived: Partial<LoadPlan> = { ...quick, keepalive: false };

const secured = ({ connections }: Load) => connections.filter(({ tlsTimeUs }) => tlsTimeUs !== null);

describe("a server of a good certificate", () => {
  test("is asked by name, verified, and told that HTTP/1.1 is spoken", async () => {
    await using server = await startTls({ ALPNProtocols: ["h2", "http/1.1"] });
    const load = await drive(server.url, quick);
    expect(outcomes(load.samples)).toEqual({ 200: 30 });
    expect(server.secured).toEqual(
      Array.from({ length: 3 }, () => ({
        version: "TLSv1.3",
        serverName: "localhost",
        alpn: "http/1.1",
        resumed: false,
        client: undefined,
      })),
    );
    expect(load.bytesSent).toBe(server.received);
  });

  test("need not know ALPN for HTTP/1.1, and gets no server name that is an IP address", async () => {
    await using server = await startTls();
    const load = await drive(`https://127.0.0.1:${server.port}/`, quick);
    expect(outcomes(load.samples)).toEqual({ 200: 30 });
    expect(server.secured.map(({ alpn, serverName }) => [alpn, serverName])).toEqual(
      Array.from({ length: 3 }, () => [false, false]),
    );
  });

  test("is asked by another name, and verified by that", async () => {
    const { certificate, key } = authority.issue("other", ["www.example.com"], days(-1, 1));
    await using server = await startTls({ cert: certificate, key });
    const load = await drive(server.url, { ...quick, tls: { ...trusting, serverName: "www.example.com" } });
    expect(outcomes(load.samples)).toEqual({ 200: 30 });
    expect(new Set(server.secured.map(({ serverName }) => serverName))).toEqual(new Set(["www.example.com"]));
  });

  test("is the one that the URL names, wherever -resolve leads", async () => {
    await using server = await startTls(issued(["www.example.com"], -1, 1));
    const load = await drive(`https://www.example.com:${server.port}/`, { ...quick, resolve: ["127.0.0.1"] });
    expect(outcomes(load.samples)).toEqual({ 200: 30 });
    expect(new Set(server.secured.map(({ serverName }) => serverName))).toEqual(new Set(["www.example.com"]));
  });

  test.each(["TLSv1.2", "TLSv1.3"] as const)("may speak %s alone", async (version) => {
    await using server = await startTls({ minVersion: version, maxVersion: version });
    const load = await drive(server.url, shortLived);
    expect(outcomes(load.samples)).toEqual({ 200: 30 });
    expect(server.secured.map((one) => one.version)).toEqual(Array.from({ length: 30 }, () => version));
  });

  test("may answer with megabytes", async () => {
    const body = Buffer.alloc(3_000_000, "x");
    await using server = await startTls({}, (socket) => {
      socket.on("data", () => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`);
        socket.write(body);
      });
    });
    const load = await drive(server.url, { ...quick, exactly: 10 });
    expect(outcomes(load.samples)).toEqual({ 200: 10 });
    expect(load.bytesReceived).toBeGreaterThan(10 * body.length);
  });
});

test("the time of a handshake is its own, and not part of connecting", async () => {
  // The server holds its first answer for 100 ms.
  await using server = await startTls({
    SNICallback: (_name, done) => void setTimeout(() => done(null), 100),
  });
  const load = await drive(server.url, { ...shortLived, connections: 1, exactly: 6 });
  expect(load.connections.length).toBe(6);
  for (const { tlsTimeUs } of load.connections) expect(tlsTimeUs).toBeGreaterThan(99_000);
  expect(Math.min(...load.connections.map(({ connectTimeUs }) => connectTimeUs!))).toBeLessThan(90_000);
  // A request on a new connection waits for both.
  for (const latencyUs of load.samples.latencyUs) expect(latencyUs).toBeGreaterThan(99_000);
});

describe("resumption", () => {
  test.each(["TLSv1.2", "TLSv1.3"] as const)("of %s counts as the server counts", async (version) => {
    await using server = await startTls({ minVersion: version, maxVersion: version });
    const load = await drive(server.url, { ...shortLived, tls: { ...trusting, resume: true } });
    expect(outcomes(load.samples)).toEqual({ 200: 30 });
    // Each of three slots begins without a session.
    expect(load.connections.filter(({ resumed }) => resumed).length).toBe(27);
    expect(server.secured.filter(({ resumed }) => resumed).length).toBe(27);
  });

  test("is off by default: each handshake is a whole one", async () => {
    await using server = await startTls();
    const load = await drive(server.url, shortLived);
    expect(load.connections.some(({ resumed }) => resumed)).toBe(false);
    expect(server.secured.some(({ resumed }) => resumed)).toBe(false);
  });

  test("does not outlast the server's keys", async () => {
    const server = await startTls({}, (socket) => {
      socket.on("error", () => {});
      socket.on("data", () => {
        server.forget();
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
      });
    });
    await using _ = server;
    const load = await drive(server.url, {
      ...shortLived,
      connections: 1,
      tls: { ...trusting, resume: true },
    });
    expect(outcomes(load.samples)).toEqual({ 200: 30 });
    expect(load.connections.some(({ resumed }) => resumed)).toBe(false);
  });
});

const stranger = createAuthority("stranger", days(-1, 1));
const trustHint =
  "-cacert FILE trusts the authority in it, -sni NAME verifies another name, -k takes any certificate.";

describe.each<[what: string, options: TlsOptions, message: string]>([
  ["that has expired", issued(["localhost"], -3, -1), "certificate has expired"],
  ["that is not yet valid", issued(["localhost"], 1, 3), "certificate is not yet valid"],
  [
    "for another host",
    issued(["www.example.com"], -1, 1),
    "Hostname/IP does not match certificate's altnames: Host: localhost. is not in the cert's altnames: DNS:www.example.com",
  ],
  [
    "of an unknown authority",
    pem(stranger.issue("localhost", ["localhost"], days(-1, 1))),
    "unable to verify the first certificate",
  ],
])("a certificate %s", (_, options, message) => {
  test.each(["http/1.1", "h2"] as const)("is refused, and not one octet is sent (%s)", async (protocol) => {
    await using server = await startTls({ ...options, ALPNProtocols: [protocol] });
    expect(await thrown(() => drive(server.url, { ...quick, protocol }))).toBe(
      `TARGET_UNREACHABLE (3): no connection to ${server.url} could be opened: ${message} | ${trustHint}`,
    );
    expect(server.received).toBe(0);
  });

  test("fails every request of a short-lived load, and says why", async () => {
    await using server = await startTls(options);
    const load = await drive(server.url, shortLived);
    expect(outcomes(load.samples)).toEqual({ tls: 30 });
    expect(load.tlsFailures).toEqual({ [message]: 30 });
    expect(secured(load)).toEqual([]);
    expect(server.received).toBe(0);
  });

  test("is taken with -k", async () => {
    await using server = await startTls(options);
    const load = await drive(server.url, { ...quick, tls: { ...trusting, insecure: true, cacert: null } });
    expect(outcomes(load.samples)).toEqual({ 200: 30 });
  });
});

describe("a server that wants a client's certificate", () => {
  const wanting: TlsOptions = { requestCert: true, rejectUnauthorized: true, ca: authority.certificate };

  test("gets ours", async () => {
    await using server = await startTls(wanting);
    const load = await drive(server.url, { ...quick, tls: as(authority.issue("me", [], days(-1, 1))) });
    expect(outcomes(load.samples)).toEqual({ 200: 30 });
    expect(server.secured.map(({ client }) => client)).toEqual(["me", "me", "me"]);
  });

  test("says so where we have none, in TLS 1.2 while we connect", async () => {
    await using server = await startTls({ ...wanting, maxVersion: "TLSv1.2" });
    expect(await thrown(() => drive(server.url, quick))).toMatch(
      /^TARGET_UNREACHABLE \(3\): no connection to .* could be opened: .*alert handshake failure/,
    );
  });

  test("says so where we have none, in TLS 1.3 when it is too late", async () => {
    await using server = await startTls({ ...wanting, minVersion: "TLSv1.3" });
    const load = await drive(server.url, shortLived);
    expect(outcomes(load.samples)).toEqual({ tls: 30 });
    expect(Object.entries(load.tlsFailures)).toEqual([
      [expect.stringMatching(/alert certificate required$/), 30],
    ]);
  });

  test("refuses one of an unknown authority", async () => {
    await using server = await startTls({ ...wanting, maxVersion: "TLSv1.2" });
    const strange = as(stranger.issue("me", [], days(-1, 1)));
    expect(await thrown(() => drive(server.url, { ...quick, tls: strange }))).toMatch(
      // Node's server says no more than that.
      /^TARGET_UNREACHABLE \(3\): .*the server closed the connection during the handshake/,
    );
  });
});

describe("ALPN", () => {
  test.each<[what: string, alpn: string[]]>([
    ["none", []],
    ["HTTP/1.1 alone", ["http/1.1"]],
  ])("of %s is no HTTP/2", async (_, alpn) => {
    await using server = await startTls(alpn.length === 0 ? {} : { ALPNProtocols: alpn });
    const error = await thrown(() => drive(server.url, { ...quick, protocol: "h2" }));
    expect(error).toMatch(/the server does not negotiate h2 \(ALPN\)|alert no application protocol/);
    expect(error).toContain("| Leave -h2 out for HTTP/1.1, or let the server negotiate h2.");
    expect(server.received).toBe(0);
  });

  test("of h2 alone is no HTTP/1.1", async () => {
    await using server = await startTls({ ALPNProtocols: ["h2"] });
    expect(await thrown(() => drive(server.url, quick))).toContain("alert no application protocol");
  });
});

describe("what goes wrong in a handshake", () => {
  test.each<[what: string, serve: (socket: Socket) => void, message: string | RegExp]>([
    ["closes", (socket) => void socket.once("data", () => socket.end()), /during the handshake|disconnected/],
    ["resets", (socket) => void socket.once("data", () => socket.resetAndDestroy()), /ECONNRESET/],
    [
      "closes after half a record",
      (socket) => void socket.once("data", () => socket.end(Buffer.from("160303007a0200", "hex"))),
      /during the handshake|disconnected/,
    ],
    [
      "speaks HTTP without TLS",
      (socket) => void socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
      /wrong version number/,
    ],
    ["speaks garbage", (socket) => void socket.write(Buffer.alloc(4096, 0xff)), /version number/],
    ["never answers", () => {}, "the handshake took longer than -timeout"],
  ])("a server that %s", async (_, serve, message) => {
    await using server = await startPlain(serve);
    const timeoutUs = message instanceof RegExp ? 5e6 : 300_000;
    for (const protocol of ["http/1.1", "h2"] as const) {
      const error = await thrown(() => drive(server.url, { ...quick, protocol, timeoutUs }));
      expect(error).toMatch(message);
      expect(error).toMatch(/^TARGET_UNREACHABLE \(3\)/);
    }
    const load = await drive(server.url, { ...shortLived, exactly: 3, timeoutUs });
    // The drain may end before the timeout does.
    const { tls = 0, unfinished = 0, ...rest } = outcomes(load.samples);
    expect([tls + unfinished, rest]).toEqual([3, {}]);
    expect(Object.values(load.tlsFailures)).toEqual([tls]);
    expect(tls).toBeGreaterThanOrEqual(1);
    await expect.poll(() => server.open).toBe(0);
  });

  test("leaves the others unharmed", async () => {
    let handshakes = 0;
    await using server = await startTls({
      SNICallback: (_name, done) => void done(handshakes++ === 1 ? new Error("not you") : null),
    });
    const load = await drive(server.url, quick);
    // Two of three connections opened; the slot of the third connects for its first request.
    expect(outcomes(load.samples)).toEqual({ 200: 30 });
    expect(server.secured.length).toBe(3);
  });
});

test("a server that asks for renegotiation is answered or left, and nothing hangs", async () => {
  await using server = await startTls({ maxVersion: "TLSv1.2" }, (socket: TLSSocket) => {
    socket.on("error", () => {});
    socket.on("data", () => {
      socket.renegotiate({}, () => {});
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    });
  });
  const load = await drive(server.url, quick);
  expect(load.samples.count).toBe(30);
  const { 200: answered = 0, ...rest } = outcomes(load.samples);
  expect(answered + Object.values(rest).reduce((sum, count) => sum + count, 0)).toBe(30);
});

describe("files that cannot be used are refused before anything is connected, and not quoted", () => {
  const secret = localhost.key.split("\n")[1]!;
  const cert = file("good.pem", localhost.certificate);
  const key = file("good.key", localhost.key);
  const other = file("other.key", authority.issue("other", [], days(-1, 1)).key);
  const broken = file("broken.key", localhost.key.replace("MIG", "MIX"));
  const pemHint =
    "Give PEM files: a certificate with its chain, and the key of that certificate, not encrypted.";

  test.each<[Partial<typeof trusting>, RegExp]>([
    [
      { cacert: "/nowhere/ca.pem" },
      /^FLAG_INVALID \(2\): -cacert \/nowhere\/ca.pem cannot be read: no such file/,
    ],
    [{ cacert: key }, /-cacert .* cannot be used: no certificate in it/],
    [{ cert: key, key }, /-cert .* cannot be used: no start line/],
    [{ cert, key: cert }, /-key .* cannot be used: /],
    [{ cert, key: broken }, /-key .* cannot be used: /],
    [{ cert, key: other }, /-cert .* and -key .* cannot be used: key values mismatch/],
  ])("%j", async (files, expected) => {
    const tls = { ...trusting, ...files };
    const error = await thrown(() => drive("https://127.0.0.1:1/", { ...quick, tls }));
    expect(error).toMatch(expected);
    if (!expected.source.includes("nowhere")) expect(error).toContain(pemHint);
    expect(error).not.toContain(secret);
  });
});

function pem({ certificate, key }: { certificate: string; key: string }): TlsOptions {
  return { cert: certificate, key };
}

function issued(hosts: string[], from: number, to: number): TlsOptions {
  return pem(authority.issue("localhost", hosts, days(from, to)));
}

async function startPlain(serve: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    serve(socket);
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/`,
    get open() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
