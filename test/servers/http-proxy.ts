/** A forward proxy: passes on requests that name a whole URL, and opens tunnels. */

import { createServer, request as ask } from "node:http";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";

export interface HttpProxy extends AsyncDisposable {
  readonly url: string;
  /** Of requests passed on: their URLs. */
  readonly passed: string[];
  /** Of tunnels: where they lead. */
  readonly tunnels: string[];
  readonly connections: number;
}

/** `credentials`: NAME:PASSWORD that it demands. */
export async function startHttpProxy(credentials = ""): Promise<HttpProxy> {
  const passed: string[] = [];
  const tunnels: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const expected = credentials === "" ? undefined : `Basic ${Buffer.from(credentials).toString("base64")}`;
  const allows = ({ headers }: IncomingMessage): boolean => headers["proxy-authorization"] === expected;
  const server = createServer((message, response) => {
    const url = message.url ?? "";
    if (!allows(message) || !url.startsWith("http://"))
      return void response.writeHead(allows(message) ? 400 : 407).end();
    passed.push(url);
    const { "proxy-authorization": _, ...headers } = message.headers;
    const onward = ask(url, { method: message.method ?? "GET", headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.writeHead(502).end());
    message.pipe(onward);
  });
  server.on("connection", (socket) => {
    connections++;
    keep(socket);
  });
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  };
  server.on("connect", (message, socket: Socket, early) => {
    if (!allows(message)) return void socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const authority = message.url ?? "";
    tunnels.push(authority);
    const onward = connect({ port: Number(authority.split(":").at(-1)), host: "127.0.0.1" }, () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      onward.write(early);
      onward.pipe(socket).pipe(onward);
    });
    keep(onward);
    onward.on("error", () => socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const)
      one.on("close", () => other.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const user = credentials === "" ? "" : `${credentials}@`;
  return {
    url: `http://${user}127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    tunnels,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
