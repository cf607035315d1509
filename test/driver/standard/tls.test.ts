/** TLS by the standard client: undici speaks over sockets that we secure. */

import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { LoadPlan } from "../../../src/plan/plan.ts";
import { givenProxy } from "../../../src/plan/proxy-plan.ts";
import type { Load } from "../../../src/result/load.ts";
import { startHttpProxy } from "../../servers/http-proxy.ts";
import { authority, days, localhost, startTls, trusting } from "../../servers/tls.ts";
import { thrown } from "../../thrown.ts";
import { drive, outcomes } from "../drive.ts";

const load: Partial<LoadPlan> = {
  client: "standard",
  qps: 0,
  connections: 3,
  exactly: 30,
  timeoutUs: 5e6,
  tls: trusting,
};
const expired = authority.issue("localhost", ["localhost"], days(-3, -1));

const secured = ({ connections }: Load): number =>
  connections.filter(({ tlsTimeUs }) => tlsTimeUs !== null).length;

test.each(["http/1.1", "h2"] as const)("speaks %s over TLS, and counts the same", async (protocol) => {
  await using server = await startHttp2OrLess();
  const done = await drive(server.url, { ...load, protocol });
  expect(outcomes(done.samples)).toEqual({ 200: 30 });
  expect(server.versions).toEqual(Array.from({ length: 30 }, () => (protocol === "h2" ? "2.0" : "1.1")));
  expect(secured(done)).toBe(3);
});

test("refuses a certificate, and says why", async () => {
  await using server = await startTls({ cert: expired.certificate, key: expired.key });
  expect(await thrown(() => drive(server.url, load))).toContain("could be opened: certificate has expired |");
  const done = await drive(server.url, { ...load, keepalive: false });
  expect(outcomes(done.samples)).toEqual({ tls: 30 });
  expect(done.tlsFailures).toEqual({ "certificate has expired": 30 });
  expect(server.received).toBe(0);
});

test.each(["http/1.1", "h2"] as const)("speaks %s through the tunnel of a proxy", async (protocol) => {
  await using server = await startHttp2OrLess();
  await using proxy = await startHttpProxy();
  const proxies = givenProxy(proxy.url);
  const done = await drive(server.url, { ...load, protocol, proxies });
  expect(outcomes(done.samples)).toEqual({ 200: 30 });
  expect([proxy.tunnels.length, proxy.passed, secured(done)]).toEqual([3, [], 3]);
});

test("refuses to speak HTTP/1.1 where HTTP/2 is asked for", async () => {
  await using server = await startTls();
  expect(await thrown(() => drive(server.url, { ...load, protocol: "h2" }))).toContain(
    "the server does not negotiate h2 (ALPN)",
  );
});

async function startHttp2OrLess() {
  const versions: string[] = [];
  const { certificate: cert, key } = localhost;
  const server = createSecureServer({ cert, key, allowHTTP1: true }, (request, response) => {
    versions.push(request.httpVersion);
    response.end("ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/`,
    versions,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
