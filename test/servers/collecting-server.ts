/** A server of Node's own that keeps what it was asked, and answers with a status for each path. */

import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { AddressInfo, Socket } from "node:net";

interface Collected {
  readonly method: string;
  readonly path: string;
  readonly version: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface CollectingServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: Collected[];
  readonly connections: number;
}

/** `statusOf` says what a path is answered with. */
export async function startCollectingServer(
  protocol: "http/1.1" | "h2",
  statusOf: (path: string) => number = () => 200,
): Promise<CollectingServer> {
  const requests: Collected[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const answer = (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): void => {
    const { method = "", url: path = "", headers, httpVersion: version } = request;
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      requests.push({ method, path, version, headers, body: Buffer.concat(parts) });
      response.statusCode = statusOf(path);
      (response as ServerResponse).end("ok");
    });
  };
  const server =
    protocol === "h2"
      ? createHttp2Server({ maxHeaderListPairs: 1000, settings: { maxHeaderListSize: 1 << 20 } }, answer)
      : createServer({ maxHeaderSize: 1 << 20 }, answer);
  server.on("connection", (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
