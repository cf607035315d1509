/** TLS by the standard client: undici speaks over sockets that we secure. */

import { createSecureServer } from "node:http2";
import type { SecureServerOptions } from "node:http2";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { createAuthority } from "../../../src/lab/certificate.ts";
import type { LoadPlan } from "../../../src/plan/plan.ts";
import { givenProxy } from "../../../src/plan/proxy-plan.ts";
import type { Load } from "../../../src/result/load.ts";
import { startNodeHttp } from "../../servers/http-node.ts";
import { startHttpProxy } from "../../servers/http-proxy.ts";
import { as, authority, days, localhost, startTls, trusting } from "../../servers/tls.ts";
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

describe("where a redirect leads to another origin", () => {
  const follow = { ...load, followRedirects: true };
  const me = authority.issue("me", ["me"], days(-1, 1));

  test.each([
    ["http/1.1", "https"],
    ["http/1.1", "http"],
    ["h2", "https"],
  ] as const)(
    "%s: its certificate is verified as the target's, and it gets ours where it asks (from %s)",
    async (protocol, from) => {
      const asking = { requestCert: true, ca: authority.certificate };
      await using other = await startHttp2OrLess({ options: asking });
      await using tls = await startHttp2OrLess({ location: other.url });
      await using plain = await startNodeHttp((_, response) => {
        response.writeHead(302, { location: other.url }).end();
      });
      const url = from === "http" ? plain.url : tls.url;
      const done = await drive(url, { ...follow, protocol, tls: as(me) });
      expect(outcomes(done.samples)).toEqual({ 200: 30 });
      expect(done.redirects).toBe(30);
      expect(other.clients).toEqual(Array.from({ length: 30 }, () => "me"));
      expect(new Set(other.versions)).toEqual(new Set([protocol === "h2" ? "2.0" : "1.1"]));
    },
  );

  test("an authority that is not trusted fails the request, unless any certificate is taken", async () => {
    const stranger = createAuthority("stranger", days(-1, 1)).issue("localhost", ["localhost"], days(-1, 1));
    await using other = await startTls({ cert: stranger.certificate, key: stranger.key });
    await using server = await startHttp2OrLess({ location: other.url });
    const refused = await drive(server.url, follow);
    expect(outcomes(refused.samples)).toEqual({ tls: 30 });
    expect(refused.tlsFailures).toEqual({ "unable to verify the first certificate": 30 });
    expect(other.received).toBe(0);
    const taken = await drive(server.url, { ...follow, tls: { ...trusting, insecure: true } });
    expect(outcomes(taken.samples)).toEqual({ 200: 30 });
  });

  test("its own name is asked for and verified, whatever -sni says of the target", async () => {
    const shop = authority.issue("shop.example", ["shop.example"], days(-1, 1));
    const asShop = { cert: shop.certificate, key: shop.key };
    const tls = { ...trusting, serverName: "shop.example" };
    await using right = await startTls();
    await using server = await startHttp2OrLess({ location: right.url, options: asShop });
    expect(outcomes((await drive(server.url, { ...follow, tls })).samples)).toEqual({ 200: 30 });
    expect(new Set(right.secured.map(({ serverName }) => serverName))).toEqual(new Set(["localhost"]));
    await using wrong = await startTls(asShop);
    await using misled = await startHttp2OrLess({ location: wrong.url, options: asShop });
    expect(outcomes((await drive(misled.url, { ...follow, tls })).samples)).toEqual({ tls: 30 });
    expect(wrong.received).toBe(0);
  });

  test("the same through a proxy's tunnel", async () => {
    await using other = await startTls({ requestCert: true, ca: authority.certificate });
    await using server = await startHttp2OrLess({ location: other.url });
    await using proxy = await startHttpProxy();
    const done = await drive(server.url, { ...follow, tls: as(me), proxies: givenProxy(proxy.url) });
    expect(outcomes(done.samples)).toEqual({ 200: 30 });
    expect(proxy.tunnels).toContain(new URL(other.url).host);
    expect(new Set(other.secured.map(({ client }) => client))).toEqual(new Set(["me"]));
  });
});

/** Answers, or sends to that `location`. */
async function startHttp2OrLess({
  location,
  options = {},
}: { location?: string; options?: SecureServerOptions } = {}) {
  const versions: string[] = [];
  const clients: (string | undefined)[] = [];
  const { certificate: cert, key } = localhost;
  const server = createSecureServer({ cert, key, allowHTTP1: true, ...options }, (request, response) => {
    versions.push(request.httpVersion);
    const { socket } = request.stream?.session ?? request;
    clients.push((socket as TLSSocket).getPeerCertificate().subject?.CN as string | undefined);
    if (location !== undefined) response.writeHead(302, { location });
    response.end("ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/`,
    versions,
    clients,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
