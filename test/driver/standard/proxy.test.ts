import { expect, test } from "vitest";
import { givenProxy } from "../../../src/plan/proxy-plan.ts";
import type { LoadPlan } from "../../../src/plan/plan.ts";
import { startHttpProxy } from "../../servers/http-proxy.ts";
import { startNodeHttp2 } from "../../servers/http2-node.ts";
import { startNodeHttp } from "../../servers/http-node.ts";
import { drive, outcomes } from "../drive.ts";

const load: Partial<LoadPlan> = {
  client: "standard",
  qps: 100,
  connections: 2,
  exactly: 8,
  timeoutUs: 2e6,
};

test("HTTP/1.1 is passed on: the proxy gets the URL, the target the request", async () => {
  for (const credentials of ["", "me:p@ss"]) {
    await using proxy = await startHttpProxy(credentials);
    await using server = await startNodeHttp(({ body }, response) => void response.end(body));
    const url = proxy.url.replace("p@ss", "p%40ss");
    const request = { method: "POST", headers: [["x-mine", "1"]], body: "Ym9keQ==" } as const;
    const done = await drive(`${server.url}/a?b=c`, { ...load, proxies: givenProxy(url), request });
    expect(outcomes(done.samples)).toEqual({ 200: 8 });
    expect(proxy.passed).toEqual(Array(8).fill(`${server.url}/a?b=c`));
    expect(proxy.tunnels).toEqual([]);
    // The load's connections are those to the proxy.
    expect([done.connections.length, proxy.connections]).toEqual([2, 2]);
    for (const { url, headers, body } of server.requests) {
      expect([url, headers.host, headers["x-mine"], body]).toEqual([
        "/a?b=c",
        server.url.slice("http://".length),
        "1",
        "body",
      ]);
      expect(headers["proxy-authorization"]).toBeUndefined();
    }
  }
});

test("HTTP/2 goes through a tunnel, one a connection", async () => {
  await using proxy = await startHttpProxy("me:secret");
  await using server = await startNodeHttp2((stream) => {
    stream.respond({ ":status": 200 }, { endStream: true });
  });
  const proxies = givenProxy(proxy.url);
  const done = await drive(server.url, { ...load, proxies, protocol: "h2", streams: 4 });
  expect(outcomes(done.samples)).toEqual({ 200: 8 });
  const { host } = new URL(server.url);
  expect([proxy.tunnels, proxy.passed]).toEqual([[host, host], []]);
  expect(server.sessions.length).toBe(2);
});

test("a redirect to another origin goes through the proxy too, but for what is excepted", async () => {
  await using proxy = await startHttpProxy();
  await using other = await startNodeHttp((_, response) => void response.end("there"));
  await using server = await startNodeHttp((_, response) => {
    response.writeHead(302, { location: `${other.url}/there` }).end();
  });
  const proxies = givenProxy(proxy.url);
  const done = await drive(server.url, { ...load, followRedirects: true, proxies });
  expect(outcomes(done.samples)).toEqual({ 200: 8 });
  expect(proxy.passed.filter((url) => url === `${other.url}/there`).length).toBe(8);
  const { port } = new URL(other.url);
  const except = { ...proxies, except: [`127.0.0.1:${port}`] };
  const direct = await drive(server.url, { ...load, followRedirects: true, proxies: except });
  expect(outcomes(direct.samples)).toEqual({ 200: 8 });
  expect([proxy.passed.length, other.requests.length]).toEqual([24, 16]);
});

test("a proxy that refuses says so, and one that is not there is named without its password", async () => {
  await using proxy = await startHttpProxy("me:secret");
  const wrong = givenProxy(proxy.url.replace("secret", "wrong"));
  const plain = await drive("http://127.0.0.1:9/", { ...load, proxies: wrong });
  expect(outcomes(plain.samples)).toEqual({ 407: 8 });
  const tunnelled = drive("http://127.0.0.1:9/", { ...load, protocol: "h2", proxies: wrong });
  await expect(tunnelled).rejects.toThrow(
    /no connection to http:\/\/127.0.0.1:9\/ through the proxy 127.0.0.1:\d+ could be opened: the proxy answered 407 to CONNECT 127.0.0.1:9/,
  );
  const short = { ...load, protocol: "h2", keepalive: false, proxies: wrong } as const;
  expect(outcomes((await drive("http://127.0.0.1:9/", short)).samples)).toEqual({ "connect-failed": 8 });
  const absent = drive("http://127.0.0.1:9/", {
    ...load,
    proxies: givenProxy("http://me:secret@127.0.0.1:1"),
  });
  await expect(absent).rejects.toThrow(/through the proxy 127.0.0.1:1 could be opened: .*ECONNREFUSED/);
});
