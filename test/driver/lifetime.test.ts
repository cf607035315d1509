/** Connections that are retired after the requests that were drawn for them. */

import { expect, test } from "vitest";
import { lifetimeOf } from "../../src/driver/lifetime.ts";
import { startNodeHttp2 } from "../servers/http2-node.ts";
import { answersOk, okResponse } from "../servers/behaviours.ts";
import { startServer } from "../servers/start-server.ts";
import { drive, outcomes } from "./drive.ts";

function first(seed: number, slot: number): number[] {
  const draw = lifetimeOf({ least: 1, most: 1e6 }, seed, slot);
  return Array.from({ length: 5 }, () => draw());
}

test("every number of the range is drawn as often, and again the same for a seed and a slot", () => {
  const draw = lifetimeOf({ least: 3, most: 7 }, 5, 1);
  const counts = new Map<number, number>();
  for (let i = 0; i < 10_000; i++) {
    const drawn = draw();
    counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual([3, 4, 5, 6, 7]);
  // 2000 each, standard deviation 40: 6 of them.
  for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(240);
  expect(first(5, 1)).toEqual(first(5, 1));
  expect(first(5, 1)).not.toEqual(first(5, 2));
  expect(first(5, 1)).not.toEqual(first(6, 1));
  expect(lifetimeOf(null, 1, 1)()).toBe(Infinity);
});

/** What the draws make of `requests` on a slot: the requests of each connection, the last one perhaps not at its end. */
function expectedOn(slot: number, requests: number, range: { least: number; most: number }): number[] {
  const draw = lifetimeOf(range, 1, slot);
  const served: number[] = [];
  let left = requests;
  while (left >= 0) {
    const drawn = draw();
    served.push(Math.min(drawn, left));
    if (drawn > left) break;
    left -= drawn;
  }
  return served;
}

test.each([
  ["fast", "paced", { qps: 400, durationUs: 250_000, exactly: null }],
  ["fast", "at full speed", { qps: 0, durationUs: 0, exactly: 100 }],
  ["standard", "paced", { qps: 400, durationUs: 250_000, exactly: null }],
  ["standard", "at full speed", { qps: 0, durationUs: 0, exactly: 100 }],
] as const)(
  "HTTP/1.1, %s client: each connection serves what was drawn for it, %s",
  async (client, _, load) => {
    const range = { least: 2, most: 6 };
    const served: number[] = [];
    await using server = await startServer({
      onConnection: (socket) => {
        const place = served.push(0) - 1;
        socket.on("data", () => void served[place]!++);
      },
      onRequest: (socket) => void socket.write(okResponse()),
    });
    const driven = await drive(server.url, { ...load, client, connectionReuse: range, threads: 2 });
    expect(outcomes(driven.samples)).toEqual({ 200: 100 });
    const perSlot = [0, 1, 2, 3].map((slot) =>
      driven.connections
        .filter((one) => one.slot === slot)
        .map(
          ({ id }) =>
            [...driven.samples.connection].filter((row) => driven.connections[row]!.id === id).length,
        ),
    );
    // Whichever the slots' shares are, their connections served what their seed says.
    for (const [slot, counts] of perSlot.entries()) {
      const requests = counts.reduce((sum, count) => sum + count, 0);
      expect(counts).toEqual(expectedOn(slot, requests, range));
    }
    const all = perSlot.flat();
    await expect.poll(() => server.connections).toBe(all.length);
    expect(served.toSorted((a, b) => a - b)).toEqual(all.toSorted((a, b) => a - b));
    // Retired are all but the last of each slot.
    expect(driven.connections.filter(({ retired }) => retired).length).toBe(all.length - 4);
    for (const { retired, closedAtUs, openedAtUs } of driven.connections)
      if (retired) expect(closedAtUs!).toBeGreaterThan(openedAtUs);
  },
);

test.each([
  ["fast", 1],
  ["fast", 4],
  ["standard", 1],
  ["standard", 4],
] as const)(
  "HTTP/2, %s client: each connection serves what was drawn for it, with %d streams",
  async (client, streams) => {
    const range = { least: 3, most: 9 };
    await using server = await startNodeHttp2((stream) => {
      stream.respond({ ":status": 200 });
      stream.end("ok");
    });
    const driven = await drive(server.url, {
      client,
      protocol: "h2",
      streams,
      qps: 0,
      exactly: 200,
      durationUs: 0,
      connectionReuse: range,
      threads: 2,
    });
    expect(outcomes(driven.samples)).toEqual({ 200: 200 });
    expect(server.requests).toBe(200);
    for (const slot of [0, 1, 2, 3]) {
      const rows = driven.connections.flatMap((one, row) => (one.slot === slot ? [row] : []));
      const counts = rows.map((row) => driven.samples.connection.filter((at) => at === row).length);
      const requests = counts.reduce((sum, count) => sum + count, 0);
      expect(counts).toEqual(expectedOn(slot, requests, range));
      expect(rows.map((row) => driven.connections[row]!.retired)).toEqual(
        rows.map((_, i) => i < rows.length - 1),
      );
    }
    await expect.poll(() => server.sessions.length).toBe(driven.connections.length);
  },
);

test.each(["fast", "standard"] as const)(
  "the next connection is opened when the last is retired, and not only when a request is due (%s client)",
  async (client) => {
    await using server = await startServer(answersOk());
    const driven = await drive(server.url, {
      client,
      qps: 50,
      connections: 1,
      durationUs: 300_000,
      connectionReuse: { least: 1, most: 1 },
    });
    expect(outcomes(driven.samples)).toEqual({ 200: 15 });
    expect(server.requests).toBe(15);
    // Every connection but the last served its one request.
    expect(driven.connections.map(({ retired }) => retired)).toEqual([
      ...Array<boolean>(15).fill(true),
      false,
    ]);
    const gapsUs = driven.connections
      .slice(1)
      .map(({ openedAtUs }, i) => openedAtUs - driven.connections[i]!.closedAtUs!);
    // The next request is due almost 20 ms later.
    expect(gapsUs.toSorted((a, b) => a - b)[7]).toBeLessThan(5000);
  },
);

test.each(["fast", "standard"] as const)(
  "what a server ends before is lost and not retired, and the next connection begins anew (%s client)",
  async (client) => {
    const served = new Map<unknown, number>();
    await using server = await startServer({
      onRequest: (socket, { number }) => {
        served.set(socket, number);
        if (number < 3) socket.write(okResponse());
        else socket.end(okResponse().replace("content-length", "connection: close\r\ncontent-length"));
      },
    });
    const plan = { client, connections: 1, qps: 0, exactly: 60, durationUs: 0 } as const;
    const lost = await drive(server.url, { ...plan, connectionReuse: { least: 4, most: 4 } });
    expect(outcomes(lost.samples)).toEqual({ 200: 60 });
    expect([...served.values()]).toEqual(Array(20).fill(3));
    expect(lost.connections.filter(({ retired }) => retired)).toEqual([]);
    served.clear();
    const retired = await drive(server.url, { ...plan, connectionReuse: { least: 2, most: 2 } });
    expect(outcomes(retired.samples)).toEqual({ 200: 60 });
    expect([...served.values()]).toEqual(Array(30).fill(2));
  },
);

test.each(["fast", "standard"] as const)(
  "a server that never answers is asked on as many connections (%s client)",
  async (client) => {
    await using server = await startServer({});
    const driven = await drive(server.url, {
      client,
      qps: 4,
      connections: 2,
      exactly: 8,
      timeoutUs: 500_000,
      connectionReuse: { least: 1, most: 1 },
    });
    const {
      timeout = 0,
      unfinished = 0,
      "never-sent": neverSent = 0,
      "connect-timeout": late = 0,
    } = outcomes(driven.samples);
    expect(timeout + unfinished + neverSent + late).toBe(8);
    // Of those that time out, two may still be on their way to the server.
    expect(server.requests).toBeLessThanOrEqual(8 - neverSent - late);
    expect(server.requests).toBeGreaterThanOrEqual(8 - neverSent - late - 2);
    expect(driven.connections.filter(({ retired }) => retired)).toEqual([]);
    await expect.poll(() => server.open).toBe(0);
  },
);

test("HTTP/1.0 is kept alive where both sides say so", async () => {
  const heads: string[] = [];
  await using server = await startServer({
    onRequest: (socket, { head, number }) => {
      heads.push(head);
      const keep = number < 3;
      socket.write(
        `HTTP/1.0 200 OK\r\n${keep ? "connection: keep-alive\r\n" : ""}content-length: 2\r\n\r\nok`,
      );
      if (!keep) socket.end();
    },
  });
  const load = await drive(server.url, {
    protocol: "http/1.0",
    qps: 100,
    connections: 1,
    durationUs: 90_000,
  });
  expect(outcomes(load.samples)).toEqual({ 200: 9 });
  // Three on each: the server ends the third.
  expect(server.connections).toBe(3);
  for (const head of heads)
    expect(head).toBe(
      `GET / HTTP/1.0\r\nhost: 127.0.0.1:${server.port}\r\nuser-agent: mesh-load\r\nconnection: keep-alive`,
    );
});
