/** What servers are asked: with UUIDs in it, and of several kinds. */

import { describe, expect, test } from "vitest";
import type { LoadPlan, RequestKindPlan } from "../../src/plan/plan.ts";
import { quantileOfBuckets } from "../../src/result/coarse-samples.ts";
import { startCollectingServer } from "../servers/collecting-server.ts";
import { drive, outcomes } from "./drive.ts";
import { uuid4 } from "./uuid4.ts";

const quick = { qps: 400, connections: 4, durationUs: 200_000, timeoutUs: 2e6 };
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const kind = (name: string, weight: number, more: Partial<RequestKindPlan> = {}): RequestKindPlan => ({
  name,
  weight,
  path: `/${name}`,
  method: "GET",
  headers: [],
  body: null,
  ...more,
});

describe.each([
  ["http/1.1", "fast"],
  ["h2", "fast"],
  ["http/1.1", "standard"],
  ["h2", "standard"],
] as const)("over %s, with the %s client", (protocol, client) => {
  test.each<[string, Partial<LoadPlan>]>([
    ["on kept connections", {}],
    ["on short-lived ones", { keepalive: false }],
    ["many at once", { qps: 0, exactly: 400, connections: 8, ...(protocol === "h2" ? { streams: 8 } : {}) }],
  ])("every request has a UUID of its own, the same in all its places: %s", async (_, more) => {
    await using server = await startCollectingServer(protocol);
    const load = await drive(`${server.url}a/{uuid}/b?q={uuid}`, {
      ...quick,
      ...more,
      protocol,
      client,
      request: {
        method: "POST",
        headers: [["x-id", "<{uuid}>"]],
        body: base64('{"a":"{uuid}","b":"{uuid}"}'),
      },
    });
    expect(outcomes(load.samples)).toEqual({ 200: load.samples.count });
    const uuids = server.requests.map(({ path, headers, body }) => {
      const uuid = /^\/a\/(.*)\/b/.exec(path)![1]!;
      expect(uuid).toMatch(uuid4);
      expect(path).toBe(`/a/${uuid}/b?q=${uuid}`);
      expect(headers["x-id"]).toBe(`<${uuid}>`);
      expect(body.toString()).toBe(`{"a":"${uuid}","b":"${uuid}"}`);
      return uuid;
    });
    expect(uuids.length).toBe(load.samples.count);
    expect(new Set(uuids).size).toBe(uuids.length);
  });

  test("large bodies with UUIDs arrive whole, cut as they are by frames and windows", async () => {
    await using server = await startCollectingServer(protocol);
    // Every 1000 octets, so that the ends of frames (16 384) and windows (65 535) fall within some.
    const filler = "x".repeat(964);
    const load = await drive(server.url, {
      ...quick,
      qps: 0,
      exactly: 24,
      protocol,
      client,
      ...(protocol === "h2" ? { streams: 3 } : {}),
      request: { method: "PUT", headers: [], body: base64(`{uuid}${filler}`.repeat(400)) },
    });
    expect(outcomes(load.samples)).toEqual({ 200: 24 });
    const uuids = server.requests.map(({ body }) => {
      const uuid = body.toString("latin1", 0, 36);
      expect(uuid).toMatch(uuid4);
      expect(body.equals(Buffer.from(`${uuid}${filler}`.repeat(400)))).toBe(true);
      return uuid;
    });
    expect(new Set(uuids).size).toBe(24);
  });

  test("a UUID before a large body that stays the same", async () => {
    await using server = await startCollectingServer(protocol);
    const body = Buffer.alloc(3e6, "0123456789");
    const load = await drive(server.url, {
      ...quick,
      qps: 0,
      exactly: 12,
      protocol,
      client,
      request: { method: "PUT", headers: [["x-id", "{uuid}"]], body: body.toString("base64") },
    });
    expect(outcomes(load.samples)).toEqual({ 200: 12 });
    expect(server.requests.every((request) => request.body.equals(body))).toBe(true);
    expect(new Set(server.requests.map(({ headers }) => headers["x-id"])).size).toBe(12);
  });

  test("headers longer than a frame have their UUIDs, one across the end of the frame", async () => {
    await using server = await startCollectingServer(protocol);
    const value = `{uuid}${"y".repeat(64)}`.repeat(200);
    const load = await drive(server.url, {
      ...quick,
      protocol,
      client,
      request: { method: "GET", headers: [["x-long", value]], body: null },
    });
    expect(outcomes(load.samples)).toEqual({ 200: 80 });
    for (const { headers } of server.requests) {
      const long = String(headers["x-long"]);
      expect(long).toBe(`${long.slice(0, 36)}${"y".repeat(64)}`.repeat(200));
      expect(long.slice(0, 36)).toMatch(uuid4);
    }
    expect(new Set(server.requests.map(({ headers }) => headers["x-long"])).size).toBe(80);
  });

  test("kinds of request come by their weights, exactly, each as it is said", async () => {
    await using server = await startCollectingServer(protocol, (path) => (path.startsWith("/c") ? 503 : 200));
    const load = await drive(`${server.url}default?q=1`, {
      ...quick,
      protocol,
      client,
      threads: 2,
      warmupUs: 100_000,
      exactly: 200,
      durationUs: 0,
      requests: [
        kind("a", 6, { headers: [["x-kind", "a"]] }),
        kind("b", 3, { method: "PUT", path: null, body: base64("body of b") }),
        kind("c", 1, { method: "HEAD" }),
      ],
    });
    expect(outcomes(load.samples)).toEqual({ 200: 180, 503: 20 });
    expect(load.requestKinds.map(({ count, failures }) => [count, failures])).toEqual([
      [120, 0],
      [60, 0],
      [20, 20],
    ]);
    const seen: Record<string, number> = {};
    for (const { method, path, headers, body } of server.requests) {
      const what = `${method} ${path} ${headers["x-kind"] ?? ""} ${body.toString()}`;
      seen[what] = (seen[what] ?? 0) + 1;
    }
    // 40 requests of the warm-up: each thread's 20 are two cycles of 10.
    expect(load.warmup.sent).toBe(40);
    expect(seen).toEqual({ "GET /a a ": 144, "PUT /default?q=1  body of b": 72, "HEAD /c  ": 24 });
    const longest = load.requestKinds.map(({ latency }) => quantileOfBuckets(latency, 1));
    const most = Math.max(...load.samples.latencyUs);
    expect(Math.max(...longest) / most).toBeGreaterThanOrEqual(1);
    expect(Math.max(...longest) / most).toBeLessThanOrEqual(1 + 1 / 64);
  });
});
