/** The client against node:http2's own server. */

import { connect } from "node:http2";
import { expect, test } from "vitest";
import type { LoadPlan } from "../../../src/plan/plan.ts";
import { startNodeHttp2 } from "../../servers/http2-node.ts";
import { drive, outcomes } from "../drive.ts";

const quick: Partial<LoadPlan> = {
  protocol: "h2",
  qps: 200,
  connections: 4,
  durationUs: 200_000,
  timeoutUs: 2e6,
};
const post = (octets: number): Partial<LoadPlan> => ({
  request: { method: "POST", headers: [], body: Buffer.alloc(octets, "b").toString("base64") },
});

test("makes exactly the planned requests on exactly the planned connections", async () => {
  await using server = await startNodeHttp2((stream) => {
    stream.respond({ ":status": 200, "x-envoy-worker": "wrk:worker_12" });
    stream.end("hello");
  });
  const load = await drive(server.url, quick);
  expect(outcomes(load.samples)).toEqual({ 200: 40 });
  expect(server.requests).toBe(40);
  expect(server.sessions.length).toBe(4);
  expect(load.connections.map(({ headerWorker }) => headerWorker)).toEqual([12, 12, 12, 12]);
});

test("makes exactly -n requests, whatever the streams, connections and threads", async () => {
  await using server = await startNodeHttp2((stream) => {
    stream.respond({ ":status": 200 }, { endStream: true });
  });
  for (const [exactly, connections, threads, qps, streams] of [
    [101, 7, 3, 2000, 3],
    [500, 2, 2, 0, 16],
    [13, 13, 1, 0, 4],
  ] as const) {
    const before = server.requests;
    const load = await drive(server.url, { ...quick, exactly, connections, threads, qps, streams });
    expect(outcomes(load.samples)).toEqual({ 200: exactly });
    expect(server.requests - before).toBe(exactly);
  }
});

test("opens a connection for each request of a short-lived load", async () => {
  await using server = await startNodeHttp2((stream) => {
    stream.respond({ ":status": 204 }, { endStream: true });
  });
  const load = await drive(server.url, { ...quick, keepalive: false });
  expect(outcomes(load.samples)).toEqual({ 204: 40 });
  expect(server.sessions.length).toBe(40);
  expect(load.connections.length).toBe(40);
});

test("reads interim responses, content in many frames, and trailers", async () => {
  const statuses = [201, 404, 503];
  let at = 0;
  await using server = await startNodeHttp2((stream) => {
    stream.additionalHeaders({ ":status": 103, link: "</a>; rel=preload" });
    stream.respond({ ":status": statuses[at++ % 3]! }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-checksum": "1" }));
    stream.end(Buffer.alloc(100_000));
  });
  const load = await drive(server.url, { ...quick, exactly: 30 });
  expect(outcomes(load.samples)).toEqual({ 201: 10, 404: 10, 503: 10 });
  expect(load.bytesReceived).toBeGreaterThan(30 * 100_000);
  expect(load.bytesReceived).toBeLessThan(30 * 101_000);
});

test("asks for no more at once than the server allows, and lets the rest wait as blocked", async () => {
  let open = 0;
  let most = 0;
  await using server = await startNodeHttp2(
    (stream) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        stream.respond({ ":status": 200 }, { endStream: true });
      }, 20);
    },
    { maxConcurrentStreams: 3 },
  );
  const load = await drive(server.url, { ...quick, connections: 1, streams: 10, qps: 0, exactly: 60 });
  expect(outcomes(load.samples)).toEqual({ 200: 60 });
  expect(most).toBe(3);
  // The first 3 start at once, the 7 others in turn as those end: 20, 20, 20, 40, 40, 40, 60 ms later.
  const blocked = [...load.samples.blockedUs].filter((us) => us > 10_000);
  expect(blocked.length).toBe(7);
  expect(load.samples.blockedUs.every((us, i) => us <= load.samples.latencyUs[i]! - 19_000)).toBe(true);
});

test("sends bodies as far as the server's windows go, and further as they open", async () => {
  for (const [initialWindowSize, octets] of [
    [1, 100],
    [100, 5_000],
    [65_535, 300_000],
    [1 << 20, 3_000_000],
  ] as const) {
    await using server = await startNodeHttp2(
      (stream) => stream.respond({ ":status": 200 }, { endStream: true }),
      { initialWindowSize },
    );
    const load = await drive(server.url, { ...quick, ...post(octets), streams: 4, qps: 0, exactly: 40 });
    expect(outcomes(load.samples)).toEqual({ 200: 40 });
    expect(server.received).toBe(40 * octets);
  }
});

test("counts a response of 100 MB without keeping it", async () => {
  const part = Buffer.alloc(1 << 20);
  await using server = await startNodeHttp2((stream) => {
    stream.respond({ ":status": 200 });
    let left = 100;
    const more = (): void => {
      while (left-- > 0) if (!stream.write(part)) return void stream.once("drain", more);
      stream.end();
    };
    more();
  });
  const load = await drive(server.url, { ...quick, connections: 1, exactly: 1, timeoutUs: 20e6 });
  expect(outcomes(load.samples)).toEqual({ 200: 1 });
  expect(load.bytesReceived).toBeGreaterThan(100 * 2 ** 20);
}, 30_000);

test("sees the statuses and as many octets as node:http2's client sees", async () => {
  const statuses = [200, 201, 204, 206, 304, 400, 404, 418, 500, 599];
  let at = 0;
  await using server = await startNodeHttp2((stream) => {
    const status = statuses[at++ % statuses.length]!;
    stream.respond({ ":status": status });
    stream.end(status === 204 || status === 304 ? undefined : "x".repeat(status));
  });
  const load = await drive(server.url, { ...quick, connections: 1, exactly: 10 });
  const client = connect(server.url);
  const seen: Record<string, number> = {};
  for (const _ of statuses) {
    const stream = client.request();
    stream.on("response", (headers) => void (seen[String(headers[":status"])] = 1));
    for await (const _octets of stream);
  }
  client.close();
  expect(outcomes(load.samples)).toEqual(seen);
});
