/** node:http2's own server, in clear text: what HTTP/2 looks like to nghttp2. */

import { createServer } from "node:http2";
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream, Settings } from "node:http2";
import type { AddressInfo } from "node:net";

export interface NodeHttp2Server extends AsyncDisposable {
  readonly url: string;
  readonly sessions: ServerHttp2Session[];
  /** Streams that came in, refused ones included. */
  readonly requests: number;
  /** Octets of bodies received. */
  readonly received: number;
}

/** Serves each stream by `answer`, once its body has come. */
export async function startNodeHttp2(
  answer: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
  settings: Settings = {},
): Promise<NodeHttp2Server> {
  const sessions: ServerHttp2Session[] = [];
  let requests = 0;
  let received = 0;
  const server = createServer({ settings });
  server.on("session", (session) => sessions.push(session));
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    requests++;
    stream.on("error", () => {});
    stream.on("data", (octets: Buffer) => void (received += octets.length));
    stream.on("end", () => answer(stream, headers));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    sessions,
    get requests() {
      return requests;
    },
    get received() {
      return received;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}
