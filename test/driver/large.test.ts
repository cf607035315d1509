/** Content that no buffer should ever hold whole: 100 MB responses, and bodies that the server takes slowly. */

import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { Writable } from "node:stream";
import { expect, test } from "vitest";
import type { LoadPlan } from "../../src/plan/plan.ts";
import { drive, outcomes } from "./drive.ts";

const size = 100 * 2 ** 20;
const block = Buffer.alloc(2 ** 16, "0123456789abcdef");

/** Writes `size` octets, no faster than they are taken. */
async function pour(to: Writable): Promise<void> {
  for (let at = 0; at < size; at += block.length) if (!to.write(block)) await once(to, "drain");
  to.end();
}

interface LargeServer extends AsyncDisposable {
  readonly url: string;
}

async function serve(
  protocol: "http/1.1" | "h2",
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<LargeServer> {
  const sockets = new Set<Socket>();
  const listener = answer as Parameters<typeof createHttp2Server>[0] & typeof answer;
  const server = protocol === "h2" ? createHttp2Server(listener) : createServer(listener);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** The load, and by how much this process (server and driver) grew meanwhile, at most, in octets. */
async function driveAndWatch(url: string, changes: Partial<LoadPlan>) {
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5);
  const load = await drive(url, { qps: 0, connections: 2, timeoutUs: 30e6, ...changes });
  clearInterval(watch);
  return { load, grown: most - before };
}

test.each([
  ["http/1.1", "with its length"],
  ["http/1.1", "in chunks"],
  ["h2", "in frames"],
] as const)(
  "%s: responses of 100 MB, %s, are counted and not kept",
  async (protocol, how) => {
    await using server = await serve(protocol, (_, response) => {
      if (how === "with its length") response.setHeader("content-length", size);
      void pour(response).catch(() => {});
    });
    // The first load makes the thread, and all that grows once.
    await drive(server.url, { qps: 0, connections: 2, exactly: 2, protocol, timeoutUs: 30e6 });
    const { load, grown } = await driveAndWatch(server.url, { exactly: 6, protocol });
    expect(outcomes(load.samples)).toEqual({ 200: 6 });
    expect(load.bytesReceived).toBeGreaterThan(6 * size);
    expect(load.bytesReceived).toBeLessThan(6 * size * 1.01);
    // Two at once would be 200 MB, and all 600 MB.
    expect(grown).toBeLessThan(size);
  },
  60_000,
);

test.each(["http/1.1", "h2"] as const)(
  "%s: bodies of 20 MB reach a server that takes them slowly",
  async (protocol) => {
    const body = Buffer.alloc(20 * 2 ** 20, "fedcba98");
    const received: boolean[] = [];
    await using server = await serve(protocol, (request, response) => {
      let at = 0;
      let same = true;
      request.on("data", (part: Buffer) => {
        same &&= body.subarray(at, at + part.length).equals(part);
        at += part.length;
        // Half the time it reads nothing.
        request.pause();
        setTimeout(() => request.resume(), 1);
      });
      request.on("end", () => {
        received.push(same && at === body.length);
        response.end("ok");
      });
    });
    const { load } = await driveAndWatch(server.url, {
      exactly: 6,
      protocol,
      ...(protocol === "h2" ? { streams: 2 } : {}),
      request: { method: "POST", headers: [], body: body.toString("base64") },
    });
    expect(outcomes(load.samples)).toEqual({ 200: 6 });
    expect(received).toEqual([true, true, true, true, true, true]);
    expect(load.bytesSent).toBeGreaterThan(6 * body.length);
  },
  60_000,
);
