/** The mapping against the kernel's own witness: strace shows which thread accepted each connection. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEpollMapper } from "../../src/mapping/epoll.ts";
import { mapByUnwind } from "../../src/mapping/unwind.ts";
import { commonModes as modes } from "../../src/plan/mode.ts";
import { openClients, readCounts } from "../e2e/mapping-clients.ts";
import type { Client } from "../e2e/mapping-clients.ts";
import { startProxy } from "../e2e/mapping-proxy.ts";
import type { Proxy } from "../e2e/mapping-proxy.ts";
import { needDebian } from "./debian.ts";

const connections = 48;
let proxy: Proxy;
beforeAll(async () => {
  await needDebian({ strace: "strace" });
  proxy = await startProxy("127.0.0.1", { workers: 3 });
});
afterAll(async () => proxy?.[Symbol.asyncDispose]());

/** Opens clients under strace. Client id → worker id, by the name of the thread whose accept4 took it. */
async function openWatched(port: number): Promise<{ clients: Client[]; acceptedBy: Map<number, number> }> {
  const strace = spawn("strace", ["-f", "-e", "trace=accept4", "-p", String(proxy.pid)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let text = "";
  strace.stderr.setEncoding("utf8").on("data", (part: string) => void (text += part));
  await expect.poll(() => text, { timeout: 20_000 }).toMatch(/attached/);
  const clients = await openClients("127.0.0.1", port, connections);
  strace.kill("SIGINT");
  await once(strace, "close");
  const workerOf = await workersByThread(proxy.pid);
  const takenBy = new Map(
    [...text.matchAll(/^\[pid +(\d+)\] .*accept4.*sin_port=htons\((\d+)\).* = \d+$/gm)].map(
      ([, thread, clientPort]) => [Number(clientPort), workerOf.get(thread!)],
    ),
  );
  const acceptedBy = new Map(clients.map(({ id, localPort }) => [id, takenBy.get(localPort) ?? -1]));
  return { clients, acceptedBy };
}

async function workersByThread(pid: number): Promise<Map<string, number>> {
  const workers = new Map<string, number>();
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const [, id] = /worker_(\d+)/.exec(await readFile(`/proc/${pid}/task/${thread}/comm`, "utf8")) ?? [];
    if (id !== undefined) workers.set(thread, Number(id));
  }
  return workers;
}

const sorted = (map: ReadonlyMap<number, number>): [number, number][] => [...map].sort(([a], [b]) => a - b);

describe.each(modes)("%s", (mode) => {
  test(`every way names the right worker of ${connections} connections`, async () => {
    const port = proxy.portOf[mode];
    const epoll = await createEpollMapper({ pid: proxy.pid, tasks: proxy.tasks, serverPort: port });
    const { clients, acceptedBy } = await openWatched(port);
    const byEpoll = sorted((await epoll.map(clients)).workerOf);
    const byHeader = clients.map(({ id, headerWorker }): [number, number] => [id, headerWorker()]);
    const unwound = await mapByUnwind({
      connections: clients,
      open: clients.length,
      close: async (id) => clients[id]?.close(),
      readActive: readCounts(proxy.admin, mode, "downstream_cx_active"),
      readTotal: null,
    });
    expect([...acceptedBy.values()]).not.toContain(-1);
    expect(byEpoll).toEqual(byHeader);
    expect(sorted(unwound.workerOf)).toEqual(byHeader);
    if (mode !== "exact_balance") {
      expect(byHeader).toEqual(sorted(acceptedBy));
      return;
    }
    // Envoy hands over after the accept: who accepted is not who serves, and the header is the truth.
    const perWorker = Map.groupBy(byHeader, ([, worker]) => worker);
    const held = [...perWorker.values()].map((own) => own.length);
    expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1);
    expect(byHeader.filter(([id, worker]) => acceptedBy.get(id) !== worker).length).toBeGreaterThan(0);
  });
});
