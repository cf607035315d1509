import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createEpollMapper, findInodes } from "../../src/mapping/epoll.ts";
import { parseEpollInodes } from "../../src/mapping/epoll-watched.ts";
import { parseTcpTable } from "../../src/scraper/sockets-table.ts";
import type { TcpSocket } from "../../src/scraper/sockets-table.ts";

const recorded = (name: string): string =>
  readFileSync(new URL(`../fixtures/procfs-envoy/${name}`, import.meta.url), "latin1");

interface Recorded {
  id: number;
  localPort: number;
  localAddress: string;
  worker: number;
}

test("the recorded texts lead every connection to the worker that its response header named", () => {
  const connections = JSON.parse(recorded("connections.json")) as Recorded[];
  const idOf = findInodes(parseTcpTable(recorded("net-tcp.txt")), 21002, connections);
  const found = [15, 19].flatMap((epoll, worker) =>
    parseEpollInodes(recorded(`fdinfo-${epoll}.txt`)).flatMap((inode) =>
      idOf.has(inode) ? [[idOf.get(inode), worker]] : [],
    ),
  );
  expect(found.toSorted()).toEqual(connections.map(({ id, worker }) => [id, worker]).toSorted());
});

const row = (over: Partial<TcpSocket>): TcpSocket => ({
  localAddress: "127.0.0.1",
  localPort: 8081,
  remoteAddress: "127.0.0.1",
  remotePort: 50_000,
  state: "ESTABLISHED",
  inode: 7,
  ...over,
});
const ours = { id: 3, localPort: 50_000, localAddress: "127.0.0.1" };

test.each([
  { because: "it is the server's end of ours", rows: [row({})], found: [[7, 3]] },
  { because: "the table may show a row twice", rows: [row({}), row({})], found: [[7, 3]] },
  { because: "it is our own end", rows: [row({ localPort: 50_000, remotePort: 8081 })], found: [] },
  { because: "it was redirected to another port", rows: [row({ localPort: 15_006 })], found: [[7, 3]] },
  { because: "another machine has the same port", rows: [row({ remoteAddress: "10.0.0.2" })], found: [] },
  { because: "it is closing", rows: [row({ state: "OTHER" })], found: [] },
  { because: "nobody has accepted it yet", rows: [row({ inode: 0 })], found: [] },
  {
    because: "the same source port stands towards two addresses of the server",
    rows: [row({}), row({ localAddress: "127.0.0.2", inode: 8 })],
    found: [],
  },
])("a table row gives $found: $because", ({ rows, found }) => {
  expect([...findInodes(rows, 8081, [ours])]).toEqual(found);
});

test("another port is only looked at where no connection has an end on the one that is driven", () => {
  const other = { ...ours, id: 4, localPort: 50_001 };
  const rows = [row({}), row({ remotePort: 50_001, localPort: 8082, inode: 9 })];
  expect([...findInodes(rows, 8081, [ours, other])]).toEqual([[7, 3]]);
});

test.each([
  { node: "::ffff:127.0.0.1", kernel: "127.0.0.1" },
  { node: "fe80::1%eth0", kernel: "fe80::1" },
  { node: "::1", kernel: "::1" },
])("an address that Node calls $node is $kernel in the kernel's table", ({ node, kernel }) => {
  const connections = [{ ...ours, localAddress: node }];
  expect([...findInodes([row({ remoteAddress: kernel })], 8081, connections)]).toEqual([[7, 3]]);
});

// Above the largest PID that Linux gives out (2^22).
const gone = 5_000_000;
const task = { id: 0, pid: gone, thread: gone, wholeProcess: true, name: "gone" };

test("a process that is gone becomes an obstacle, not an error", async () => {
  const mapper = await createEpollMapper({ pid: gone, tasks: [{ ...task, epoll: null }], serverPort: 8081 });
  expect(mapper.obstacle).toBe("there is no process 5000000 on this machine, or it has no procfs");
  expect(await mapper.map([ours])).toEqual({ workerOf: new Map(), obstacle: mapper.obstacle });
});

test("so does one that goes after its epoll instances were learned", async () => {
  const mapper = await createEpollMapper({ pid: gone, tasks: [{ ...task, epoll: 5 }], serverPort: 8081 });
  expect(mapper.obstacle).toBeNull();
  expect((await mapper.map([ours])).obstacle).toContain("there is no process 5000000");
});

test("a process without workers is told as the obstacle", async () => {
  const mapper = await createEpollMapper({ pid: process.pid, tasks: [], serverPort: 1 });
  expect(mapper.obstacle).toBe(`process ${process.pid} has no workers to be seen`);
});
