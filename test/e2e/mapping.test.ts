import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createEpollMapper } from "../../src/mapping/epoll.ts";
import { startMapping } from "../../src/mapping/mapping.ts";
import { startSerial } from "../../src/mapping/serial.ts";
import { mapByUnwind } from "../../src/mapping/unwind.ts";
import { commonModes as modes } from "../../src/plan/mode.ts";
import { startScraper } from "../../src/scraper/scraper.ts";
import { openClients, readCounts } from "./mapping-clients.ts";
import type { Client } from "./mapping-clients.ts";
import { startProxy } from "./mapping-proxy.ts";
import type { Proxy } from "./mapping-proxy.ts";

const headersOf = (clients: readonly Client[]): Map<number, number> =>
  new Map(clients.map(({ id, headerWorker }) => [id, headerWorker()]));

const byId = (workerOf: ReadonlyMap<number, number>): [number, number][] =>
  [...workerOf].toSorted(([a], [b]) => a - b);

const ipv6 = await new Promise<boolean>((resolve) => {
  const server = createServer().once("error", () => resolve(false));
  server.listen(0, "::1", () => server.close(() => resolve(true)));
});

describe.each([
  { listen: "127.0.0.1", connect: "127.0.0.1", possible: true },
  { listen: "::1", connect: "::1", possible: ipv6 },
  // The server's side of an IPv4 connection then stands in the kernel's IPv6 table.
  { listen: "::", connect: "127.0.0.1", possible: ipv6 },
])("On an Envoy that listens at $listen, reached at $connect,", ({ listen, connect, possible }) => {
  let proxy: Proxy;
  beforeAll(async () => {
    if (possible) proxy = await startProxy(listen);
  });
  afterAll(async () => proxy?.[Symbol.asyncDispose]());

  test.skipIf(!possible).each(modes)(
    "epoll, header and unwind agree on every one of 64 connections under load (%s)",
    async (mode) => {
      const { pid, tasks, admin, portOf } = proxy;
      const readActive = readCounts(admin, mode, "downstream_cx_active");
      const epoll = await createEpollMapper({ pid, tasks, serverPort: portOf[mode] });
      const clients = await openClients(connect, portOf[mode], 64);
      const stop = clients.map((client) => client.loop());
      const seen = await epoll.map(clients);
      await Promise.all(stop.map((end) => end()));
      const unwound = await mapByUnwind({
        connections: clients,
        open: clients.length,
        close: async (id) => clients[id]?.close(),
        readActive,
        readTotal: null,
      });
      const header = byId(headersOf(clients));
      expect(header).toHaveLength(64);
      expect(byId(seen.workerOf)).toEqual(header);
      expect(byId(unwound.workerOf)).toEqual(header);
      expect([seen.obstacle, unwound.obstacle, unwound.unclear]).toEqual([null, null, 0]);
    },
  );
});

describe("On one Envoy", () => {
  let proxy: Proxy;
  beforeAll(async () => {
    proxy = await startProxy("127.0.0.1");
  });
  afterAll(async () => proxy[Symbol.asyncDispose]());

  test("unwind is right while another client holds connections of its own", async () => {
    await openClients("127.0.0.1", proxy.portOf.reuse_port, 7);
    const clients = await openClients("127.0.0.1", proxy.portOf.reuse_port, 32);
    const unwound = await mapByUnwind({
      connections: clients,
      open: clients.length,
      close: async (id) => clients[id]?.close(),
      readActive: readCounts(proxy.admin, "reuse_port", "downstream_cx_active"),
      readTotal: readCounts(proxy.admin, "reuse_port", "downstream_cx_total"),
    });
    expect(byId(unwound.workerOf)).toEqual(byId(headersOf(clients)));
  });

  test("unwind names no wrong worker while another client comes and goes", async () => {
    const port = proxy.portOf.default;
    const clients = await openClients("127.0.0.1", port, 48);
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const churn = (async () => {
      while (!stop.signal.aborted) {
        const [other] = await openClients("127.0.0.1", port, 1);
        other?.close();
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
    })();
    const { workerOf } = await mapByUnwind({
      connections: clients,
      open: clients.length,
      close: async (id) => clients[id]?.close(),
      readActive: readCounts(proxy.admin, "default", "downstream_cx_active"),
      readTotal: readCounts(proxy.admin, "default", "downstream_cx_total"),
    });
    stop.abort();
    await churn;
    const header = headersOf(clients);
    expect([...workerOf].filter(([id, worker]) => header.get(id) !== worker)).toEqual([]);
    expect(workerOf.size).toBeGreaterThanOrEqual(8);
  });

  test("the page for Prometheus alone is enough to unwind", async () => {
    const url = `http://127.0.0.1:${proxy.portOf.reuse_port}/`;
    const target = { name: "a", side: "", mode: null, url, pid: null, listener: "reuse_port" } as const;
    const admin = `${proxy.admin}/stats/prometheus`;
    await using scraper = await startScraper({ target: { ...target, admin }, intervalMs: 1000 });
    const clients = await openClients("127.0.0.1", proxy.portOf.reuse_port, 24);
    const unwound = await mapByUnwind({
      connections: clients,
      open: clients.length,
      close: async (id) => clients[id]?.close(),
      readActive: scraper.readActive!,
      readTotal: scraper.readTotal,
    });
    expect(byId(unwound.workerOf)).toEqual(byId(headersOf(clients)));
    const { counted } = await scraper.stop();
    expect(counted).toEqual({ connections: 24, requests: 24 });
  });

  test("serial knows every connection that it opens", async () => {
    const clients: Client[] = [];
    const readTotal = readCounts(proxy.admin, "reuse_port", "downstream_cx_total");
    const mapper = await startSerial({ readTotal });
    while (clients.length < 24) {
      const [client] = await openClients("127.0.0.1", proxy.portOf.reuse_port, 1, clients.length);
      clients.push(client!);
      await mapper.opened(client!);
    }
    const { workerOf } = await mapper.settle();
    expect(byId(workerOf)).toEqual(byId(headersOf(clients)));
  });

  test("the automatic choice takes epoll and compares it with the header", async () => {
    const serverPort = proxy.portOf.default;
    const readActive = readCounts(proxy.admin, "default", "downstream_cx_active");
    const mapping = await startMapping({
      choice: "auto",
      keepalive: true,
      pid: proxy.pid,
      tasks: proxy.tasks,
      serverPort,
      readActive,
      readTotal: null,
    });
    const clients = await openClients("127.0.0.1", serverPort, 16);
    const connections = clients.map((client) => client.asLoadConnection());
    await mapping.sample(connections);
    const result = await mapping.finish({ connections, close: async () => expect.unreachable() });
    expect(result.method).toBe("epoll");
    expect(byId(result.workerOf)).toEqual(byId(headersOf(clients)));
    expect(result.checks).toEqual([{ method: "header", compared: 16, disagreed: 0 }]);
    expect(result.reason).toBe("epoll told 16 of 16 connections; header agrees on 16");
  });

  test("the automatic choice unwinds what no header names where the PID is not known", async () => {
    const serverPort = proxy.portOf.default;
    const readActive = readCounts(proxy.admin, "default", "downstream_cx_active");
    const mapping = await startMapping({
      choice: "auto",
      keepalive: true,
      pid: null,
      tasks: [],
      serverPort,
      readActive,
      readTotal: null,
    });
    const clients = await openClients("127.0.0.1", serverPort, 16);
    const connections = clients.map((client) => {
      const connection = client.asLoadConnection();
      return client.id % 4 === 0 ? connection : { ...connection, headerWorker: null };
    });
    await mapping.sample(connections);
    const result = await mapping.finish({ connections, close: async (id) => clients[id]?.close() });
    expect(result.method).toBe("unwind");
    expect(byId(result.workerOf)).toEqual(byId(headersOf(clients)));
    expect(result.reason).toBe("header told 4 of 16 connections; unwind told 12 of 16 connections");
  });
});
