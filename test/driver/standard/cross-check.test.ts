/** The same plans by the fast and by the standard client: what one says, the other and the server confirm. */

import { describe, expect, test } from "vitest";
import type { LoadPlan } from "../../../src/plan/plan.ts";
import { startNodeHttp2 } from "../../servers/http2-node.ts";
import * as behaviours from "../../servers/behaviours.ts";
import { startServer } from "../../servers/start-server.ts";
import { drive, outcomes } from "../drive.ts";
import { wrongServers } from "../wrong-servers.ts";

const clients = ["fast", "standard"] as const;
const quick: Partial<LoadPlan> = { qps: 200, connections: 4, durationUs: 200_000, timeoutUs: 2e6 };
const body = (octets: number): LoadPlan["request"] => ({
  method: "POST",
  headers: [["x-test", "yes"]],
  body: Buffer.alloc(octets, "b").toString("base64"),
});

test.each<[what: string, plan: Partial<LoadPlan>, requests: number, sockets: number]>([
  ["keepalive connections at a rate", {}, 40, 4],
  ["keepalive connections at full speed", { qps: 0, exactly: 500 }, 500, 4],
  ["a connection for each request", { keepalive: false }, 40, 40],
  ["a connection for each request, closed by a reset", { keepalive: false, linger0: true }, 40, 40],
  ["two threads and poisson arrivals", { threads: 2, arrivals: "poisson", exactly: 60 }, 60, 4],
  ["coarse pacing and a warm-up", { pacing: "coarse", warmupUs: 100_000 }, 60, 4],
  ["a thread that never sleeps", { pacing: "spin" }, 40, 4],
  ["a body", { request: body(20_000) }, 40, 4],
  ["an empty body", { request: { method: "POST", headers: [], body: null } }, 40, 4],
])("HTTP/1.1: %s", async (_what, plan, requests, sockets) => {
  for (const client of clients) {
    await using server = await startServer(behaviours.answersOk("hello"));
    const load = await drive(server.url, { ...quick, ...plan, client });
    expect({ client, ...outcomes(load.samples) }).toEqual({ client, 200: requests - load.warmup.sent });
    expect([client, server.requests, server.connections]).toEqual([client, requests, sockets]);
    expect(load.connections.filter(({ connectTimeUs }) => connectTimeUs !== null).length).toBe(sockets);
    await expect.poll(() => server.open).toBe(0);
    // 5 octets of content after a head of 65, as the server writes it.
    expect(load.bytesReceived).toBe(requests * 69);
  }
});

test("HTTP/1.1: the same request reaches the server, but for the order of its header", async () => {
  const heads: string[][] = [];
  const ok = behaviours.answersOk();
  await using server = await startServer({
    onRequest: (socket, request) => {
      heads.push([...request.head.toLowerCase().split("\r\n"), request.body]);
      ok.onRequest!(socket, request);
    },
  });
  for (const [request, keepalive] of [
    [body(10), true],
    [
      {
        method: "GET",
        headers: [
          ["User-Agent", "me"],
          ["Host", "other"],
        ],
        body: null,
      },
      false,
    ],
    [{ method: "DELETE", headers: [["user-agent", ""]], body: null }, true],
  ] as const) {
    const plan = { ...quick, request, keepalive, connections: 1, exactly: 1 };
    for (const client of clients) await drive(`${server.url}a/b?c=d`, { ...plan, client });
    const [fast, standard] = heads.splice(0);
    // undici says what HTTP/1.1 means anyway.
    expect(standard!.filter((line) => line !== "connection: keep-alive").sort()).toEqual(fast!.sort());
  }
});

test.each<[what: string, plan: Partial<LoadPlan>, requests: number, sockets: number]>([
  ["one request at a time", {}, 40, 4],
  ["many at once", { streams: 8, qps: 0, exactly: 500 }, 500, 4],
  ["a connection for each request", { keepalive: false }, 40, 40],
  ["a body of many frames", { request: body(300_000), streams: 2 }, 40, 4],
])("HTTP/2: %s", async (_what, plan, requests, sockets) => {
  for (const client of clients) {
    await using server = await startNodeHttp2((stream) => {
      stream.respond({ ":status": 201, "x-envoy-worker": "wrk:worker_3" });
      stream.end("hello");
    });
    const load = await drive(server.url, { ...quick, ...plan, protocol: "h2", client });
    expect({ client, ...outcomes(load.samples) }).toEqual({ client, 201: requests });
    expect([client, server.requests, server.sessions.length]).toEqual([client, requests, sockets]);
    expect(load.connections.map(({ headerWorker }) => headerWorker)).toEqual(Array(sockets).fill(3));
  }
});

test("HTTP/2: no more at once than the server allows", async () => {
  for (const client of clients) {
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
    const plan = { ...quick, connections: 1, streams: 10, qps: 0, exactly: 60 } as const;
    const load = await drive(server.url, { ...plan, protocol: "h2", client });
    expect({ client, most, ...outcomes(load.samples) }).toEqual({ client, most: 3, 200: 60 });
  }
});

const unhurried = wrongServers.filter(([what]) => what !== "closes between requests");

describe("a server that does wrong", () => {
  // The fast client's own test has the other side of this table.
  test.each(unhurried)("that %s", async (_what, behaviour, fast, expected = fast) => {
    await using server = await startServer(behaviour);
    const load = await drive(server.url, {
      ...quick,
      client: "standard",
      ...(expected["timeout"] && { qps: 50, durationUs: 800_000, timeoutUs: 200_000 }),
    });
    const seen = outcomes(load.samples);
    if (expected["timeout"]) {
      // A busy machine may take longer than the timeout only to connect.
      const { timeout = 0, unfinished = 0, "never-sent": neverSent = 0, "connect-timeout": late = 0 } = seen;
      expect([timeout + late + unfinished + neverSent, timeout >= 4]).toEqual([40, true]);
    } else expect(seen).toEqual(expected);
    await expect.poll(() => server.open).toBe(0);
  });

  test("that closes between requests: the next one connects anew", async () => {
    await using server = await startServer(behaviours.closesBetweenRequests);
    const load = await drive(server.url, { ...quick, client: "standard" });
    // On a busy machine some are late, and sent on the heels of a response: those meet the close, and are not sent again.
    const { 200: answered = 0, "closed-early": closed = 0, reset = 0 } = outcomes(load.samples);
    expect(answered + closed + reset).toBe(40);
    expect(server.requests).toBeLessThanOrEqual(40);
    expect(answered).toBeGreaterThanOrEqual(10);
  });

  test("that never answers one connection leaves the others unharmed", async () => {
    for (const client of clients) {
      let silent: unknown;
      await using server = await startServer({
        onConnection: (socket) => void (silent ??= socket),
        onRequest: (socket) => void (socket !== silent && socket.write(behaviours.okResponse())),
      });
      const load = await drive(server.url, { ...quick, qps: 20, durationUs: 2e6, timeoutUs: 1.5e6, client });
      expect({ client, ...outcomes(load.samples) }).toEqual({ client, 200: 39, timeout: 1 });
      expect([client, server.connections, server.requests]).toEqual([client, 5, 40]);
    }
  });

  test("that never answers HTTP/2 streams: each is reset, and its connection stays", async () => {
    for (const client of clients) {
      let seen = 0;
      await using server = await startNodeHttp2((stream) => {
        if (seen++ > 0 && seen % 2 === 0) return;
        stream.respond({ ":status": 200 }, { endStream: true });
      });
      const plan = {
        ...quick,
        protocol: "h2",
        connections: 1,
        qps: 100,
        timeoutUs: 500_000,
        streams: 20,
      } as const;
      const load = await drive(server.url, { ...plan, client });
      const { timeout = 0, unfinished = 0, ...answered } = outcomes(load.samples);
      expect({ client, ...answered, unanswered: timeout + unfinished }).toEqual({
        client,
        200: 10,
        unanswered: 10,
      });
      expect([client, server.sessions.length]).toEqual([client, 1]);
    }
  });

  test("that refuses streams: they fail, and none is sent again", async () => {
    for (const client of clients) {
      let seen = 0;
      await using server = await startNodeHttp2((stream) => {
        if (seen++ % 2 === 1) stream.close(7);
        else stream.respond({ ":status": 200 }, { endStream: true });
      });
      const load = await drive(server.url, { ...quick, protocol: "h2", connections: 1, exactly: 40, client });
      expect({ client, ...outcomes(load.samples) }).toEqual({ client, 200: 20, "refused-stream": 20 });
      expect([client, server.requests]).toEqual([client, 40]);
    }
  });

  test("that goes away: what it did not see fails, and none is sent again", async () => {
    for (const client of clients) {
      let seen = 0;
      await using server = await startNodeHttp2((stream) => {
        if (++seen % 10 === 0) stream.session!.goaway(0, stream.id! - 2);
        else stream.respond({ ":status": 200 }, { endStream: true });
      });
      const load = await drive(server.url, { ...quick, protocol: "h2", connections: 1, exactly: 40, client });
      expect({ client, ...outcomes(load.samples) }).toEqual({ client, 200: 36, goaway: 4 });
      expect([client, server.requests]).toEqual([client, 40]);
    }
  });

  test("that is not there", async () => {
    const nobody = "http://127.0.0.1:1/";
    for (const client of clients) {
      await expect(drive(nobody, { ...quick, client })).rejects.toThrow(
        /no connection to .* could be opened: .*ECONNREFUSED/,
      );
      const load = await drive(nobody, { ...quick, client, keepalive: false });
      expect(outcomes(load.samples)).toEqual({ "connect-refused": 40 });
    }
  });
});

/** Position of a quantile in a sorted array. */
const quantile = (values: Float32Array, q: number): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(q * values.length) - 1]!;

test("a known delay of the server is what both measure", async () => {
  const delayUs = 20_000;
  for (const client of clients) {
    await using server = await startServer(behaviours.knownDelay(delayUs));
    const load = await drive(server.url, { ...quick, client, qps: 50, durationUs: 1e6 });
    expect(load.samples.count).toBe(50);
    const at = (q: number): number => quantile(load.samples.latencyUs, q);
    // A busy machine delays many requests, not nearly all.
    expect([client, at(0.001) >= delayUs, at(0.001) < delayUs + 2_000]).toEqual([client, true, true]);
    expect(at(0.25)).toBeLessThan(delayUs + 10_000);
  }
});

test("a stall of the server counts in both from the intended start", async () => {
  const forMs = 300;
  for (const client of clients) {
    await using server = await startServer(behaviours.stalls({ fromMs: 200, forMs }));
    const load = await drive(server.url, { ...quick, client, qps: 100, connections: 2, durationUs: 1e6 });
    // Due 10 ms apart, those in the stall wait for its end: 300, 290, 280 … ms.
    const waited = [...load.samples.latencyUs].filter((us) => us > 50_000).length;
    expect([client, waited >= 22]).toEqual([client, true]);
    // A tenth of all 100 waited for 200 ms and more: what was not sent meanwhile does not hide.
    expect(quantile(load.samples.latencyUs, 0.9)).toBeGreaterThanOrEqual(180_000);
  }
});
