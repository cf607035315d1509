/** Starts a real server on loopback that counts, and misbehaves as its `Behaviour` says. */

import { type AddressInfo, type Socket, createServer } from "node:net";

/** What a server does, beside counting. Nothing given = it takes everything and answers nothing. */
export interface Behaviour {
  onConnection?(socket: Socket): void;
  onRequest?(socket: Socket, request: ReceivedRequest): void;
}

interface ReceivedRequest {
  /** Request line and header, without the empty line. */
  readonly head: string;
  readonly body: string;
  /** Position on its connection, from 1. */
  readonly number: number;
}

export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Accepted so far. */
  readonly connections: number;
  /** Received whole so far. */
  readonly requests: number;
  /** Connections open now. */
  readonly open: number;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1 (or `port`, and `host`); `close()` or `await using` resets what is still open. */
export async function startServer(behaviour: Behaviour, port = 0, host = "127.0.0.1"): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let requests = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    behaviour.onConnection?.(socket);
    let number = 0;
    let received = "";
    socket.on("data", (data) => {
      received += data.toString("latin1");
      for (let size = requestSize(received); size > 0; size = requestSize(received)) {
        const [head = "", body = ""] = splitHead(received.slice(0, size));
        received = received.slice(size);
        requests++;
        behaviour.onRequest?.(socket, { head, body, number: ++number });
      }
    });
  });
  server.listen({ port, host, backlog: 4096 });
  await new Promise<void>((resolve, reject) => server.once("listening", resolve).once("error", reject));
  const address = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets)
      // One that is being shut down cannot be reset, and Node would wait for it for ever at the end of the process.
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    await closed;
  };
  return {
    port: address.port,
    url: `http://${host}:${address.port}/`,
    get connections() {
      return connections;
    },
    get requests() {
      return requests;
    },
    get open() {
      return sockets.size;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function splitHead(text: string): [head: string, body: string] {
  const end = text.indexOf("\r\n\r\n");
  return [text.slice(0, end), text.slice(end + 4)];
}

/** Size of the whole request that `text` starts with, 0 = not whole yet. */
function requestSize(text: string): number {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return 0;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end))?.[1] ?? "0";
  const size = end + 4 + Number(length);
  return text.length >= size ? size : 0;
}
