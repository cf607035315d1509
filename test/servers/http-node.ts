/** node:http's own server, which keeps what it was asked. */

import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface NodeHttpServer extends AsyncDisposable {
  readonly url: string;
  /** In the order in which their bodies were whole. */
  readonly requests: ReceivedRequest[];
  /** Accepted so far. */
  readonly connections: number;
}

interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Serves each request by `answer`, once its body has come. */
export async function startNodeHttp(
  answer: (request: ReceivedRequest, response: ServerResponse) => void,
): Promise<NodeHttpServer> {
  const requests: ReceivedRequest[] = [];
  let connections = 0;
  const server = createServer((message, response) => {
    const parts: Buffer[] = [];
    message.on("data", (part: Buffer) => parts.push(part));
    message.on("end", () => {
      const { method = "", url = "", headers } = message;
      const request = { method, url, headers, body: Buffer.concat(parts).toString() };
      requests.push(request);
      answer(request, response);
    });
  });
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
