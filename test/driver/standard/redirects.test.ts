import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import type { LoadPlan } from "../../../src/plan/plan.ts";
import { startNodeHttp2 } from "../../servers/http2-node.ts";
import { startNodeHttp } from "../../servers/http-node.ts";
import { drive, outcomes } from "../drive.ts";

const follow: Partial<LoadPlan> = {
  client: "standard",
  followRedirects: true,
  qps: 200,
  connections: 2,
  exactly: 8,
  timeoutUs: 2e6,
};

const to = (response: ServerResponse, location: string, status = 302): void =>
  void response.writeHead(status, { location }).end("elsewhere");

test("a chain is one request: its latency is that of all, its status the last one's", async () => {
  const delayMs = 15;
  for (const keepalive of [true, false]) {
    await using server = await startNodeHttp(({ url }, response) => {
      setTimeout(() => {
        if (url === "/a?x=1") to(response, "b");
        else if (url === "/b") to(response, "/c?y=2", 301);
        else response.writeHead(201).end("here");
      }, delayMs);
    });
    const load = await drive(`${server.url}/a?x=1`, { ...follow, keepalive });
    expect(outcomes(load.samples)).toEqual({ 201: 8 });
    expect(load.redirects).toBe(16);
    expect(server.requests.length).toBe(24);
    expect(server.requests.filter(({ url }) => url === "/c?y=2").length).toBe(8);
    expect(Math.min(...load.samples.latencyUs)).toBeGreaterThanOrEqual(3 * (delayMs - 1) * 1e3);
    expect([load.connections.length, server.connections]).toEqual(keepalive ? [2, 2] : [24, 24]);
  }
});

test("those of the warm-up are told apart", async () => {
  await using server = await startNodeHttp(({ url }, response) =>
    url === "/" ? to(response, "/b") : void response.end("here"),
  );
  const load = await drive(server.url, { ...follow, warmupUs: 100_000 });
  expect([load.redirects, load.warmup]).toEqual([8, { sent: 20, answered: 20, redirects: 20 }]);
  expect(server.requests.length).toBe(2 * 28);
});

test("without -L a redirect is a response like any other", async () => {
  await using server = await startNodeHttp((_, response) => to(response, "/b"));
  const load = await drive(server.url, { ...follow, followRedirects: false });
  expect(outcomes(load.samples)).toEqual({ 302: 8 });
  expect([load.redirects, server.requests.length]).toEqual([0, 8]);
});

test("another origin gets the request, and none of its credentials", async () => {
  await using other = await startNodeHttp((_, response) => void response.end("there"));
  await using server = await startNodeHttp((_, response) => to(response, `${other.url}/there`));
  const load = await drive(server.url, {
    ...follow,
    request: {
      method: "GET",
      headers: [
        ["Authorization", "Basic c2VjcmV0"],
        ["X-Mine", "kept"],
      ],
      body: null,
    },
  });
  expect(outcomes(load.samples)).toEqual({ 200: 8 });
  expect([load.redirects, server.requests.length, other.requests.length]).toEqual([8, 8, 8]);
  expect(server.requests[0]!.headers.authorization).toBe("Basic c2VjcmV0");
  for (const { url, headers } of other.requests)
    expect([url, headers.host, headers.authorization, headers["x-mine"]]).toEqual([
      "/there",
      other.url.slice("http://".length),
      undefined,
      "kept",
    ]);
  // A slot has one connection to either; only the target's are those of the load.
  expect([load.connections.length, server.connections, other.connections]).toEqual([2, 2, 2]);
});

test.each<[what: string, status: number, method: string, body: string]>([
  ["See Other makes a GET of it", 303, "GET", ""],
  ["Found makes a GET of a POST", 302, "GET", ""],
  ["Temporary Redirect leaves it as it is", 307, "POST", "body"],
  ["Permanent Redirect leaves it as it is", 308, "POST", "body"],
])("a POST: %s", async (_what, status, method, body) => {
  await using server = await startNodeHttp(({ url }, response) => {
    if (url === "/") to(response, "/next", status);
    else response.end("ok");
  });
  const payload = Buffer.from("body").toString("base64");
  const load = await drive(server.url, {
    ...follow,
    request: { method: "POST", headers: [["content-type", "text/plain"]], body: payload },
  });
  expect(outcomes(load.samples)).toEqual({ 200: 8 });
  const next = server.requests.filter(({ url }) => url === "/next");
  expect(next.length).toBe(8);
  for (const request of next) expect([request.method, request.body]).toEqual([method, body]);
});

test("ten are followed and eleven are not; a loop ends where it closes", async () => {
  await using server = await startNodeHttp(({ url }, response) => {
    const left = Number(url.slice(1));
    if (url === "/loop" || url === "/pool") to(response, url === "/loop" ? "/pool" : "/loop");
    else if (left > 0) to(response, `/${left - 1}`);
    else response.end("ok");
  });
  const ten = await drive(`${server.url}/10`, { ...follow, exactly: 2 });
  expect([outcomes(ten.samples), ten.redirects, server.requests.length]).toEqual([{ 200: 2 }, 20, 22]);
  const eleven = await drive(`${server.url}/11`, { ...follow, exactly: 2 });
  expect([outcomes(eleven.samples), eleven.redirects]).toEqual([{ "too-many-redirects": 2 }, 20]);
  const before = server.requests.length;
  const loop = await drive(`${server.url}/loop`, { ...follow, exactly: 2 });
  expect(outcomes(loop.samples)).toEqual({ "too-many-redirects": 2 });
  expect(server.requests.length - before).toBe(4);
});

test("what fails on the way fails the request", async () => {
  await using server = await startNodeHttp(({ url }, response) => {
    if (url === "/silent") return;
    if (url === "/to-silence") to(response, "/silent");
    else if (url === "/to-nowhere") to(response, "http://127.0.0.1:1/");
    else to(response, "http://[");
  });
  const silent = await drive(`${server.url}/to-silence`, { ...follow, exactly: 2, timeoutUs: 400_000 });
  const { timeout = 0, unfinished = 0, "connect-timeout": late = 0 } = outcomes(silent.samples);
  expect(timeout + unfinished + late).toBe(2);
  const nowhere = await drive(`${server.url}/to-nowhere`, { ...follow, exactly: 2 });
  expect(outcomes(nowhere.samples)).toEqual({ "connect-refused": 2 });
  const nonsense = await drive(`${server.url}/nonsense`, { ...follow, exactly: 2 });
  expect(outcomes(nonsense.samples)).toEqual({ protocol: 2 });
});

test("HTTP/2: each redirect is a stream of the same connection", async () => {
  await using server = await startNodeHttp2((stream, headers) => {
    if (headers[":path"] === "/end") stream.respond({ ":status": 200 }, { endStream: true });
    else stream.respond({ ":status": 308, location: "/end" }, { endStream: true });
  });
  const load = await drive(server.url, { ...follow, protocol: "h2", streams: 4 });
  expect(outcomes(load.samples)).toEqual({ 200: 8 });
  expect([load.redirects, server.requests, server.sessions.length]).toEqual([8, 16, 2]);
});
