/** Servers that speak TLS, and who vouches for them. */

import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import type { TlsOptions, TLSSocket } from "node:tls";
import { createAuthority } from "../../src/lab/certificate.ts";
import type { Identity, Validity } from "../../src/lab/certificate.ts";
import type { TlsPlan } from "../../src/plan/plan.ts";
import { okResponse } from "./behaviours.ts";

const day = 86_400_000;
/** From so many days ago to so many days ahead. */
export const days = (from: number, to: number): Validity => ({
  from: new Date(Date.now() + from * day),
  to: new Date(Date.now() + to * day),
});

export const authority = createAuthority("test authority", days(-2, 2));
export const localhost = authority.issue("localhost", ["localhost", "127.0.0.1"], days(-1, 1));

const directory = mkdtempSync(join(tmpdir(), "mesh-load-tls-"));
process.once("exit", () => rmSync(directory, { recursive: true }));

/** A file of that content, for a flag to name. */
export function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

/** Verifies by the test's own authority. */
export const trusting: TlsPlan = {
  insecure: false,
  cacert: file("ca.pem", authority.certificate),
  cert: null,
  key: null,
  serverName: null,
  resume: false,
};

/** With the files of a client's certificate. */
export function as({ certificate, key }: Identity): TlsPlan {
  return { ...trusting, cert: file("client.pem", certificate), key: file("client.key", key) };
}

export interface TlsServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Connections whose handshake came to its end, as the server saw it. */
  readonly secured: readonly Secured[];
  /** Octets of plain text that the server got. */
  readonly received: number;
  /** From now on it knows no session of before. */
  forget(): void;
}

export interface Secured {
  readonly version: string | null;
  readonly serverName: string | false | null;
  readonly alpn: string | false | null;
  readonly resumed: boolean;
  readonly client: string | undefined;
}

/** Listens with a good certificate, unless `options` say otherwise; answers each HTTP/1.1 request, unless `serve` does. */
export async function startTls(
  options: TlsOptions = {},
  serve: (socket: TLSSocket) => void = answersOk,
): Promise<TlsServer> {
  const secured: Secured[] = [];
  const sockets = new Set<Socket>();
  let received = 0;
  const server = createServer({ cert: localhost.certificate, key: localhost.key, ...options }, (socket) => {
    secured.push({
      version: socket.getProtocol(),
      serverName: socket.servername as string | false | null,
      alpn: socket.alpnProtocol,
      resumed: socket.isSessionReused(),
      client: socket.getPeerCertificate().subject?.CN as string | undefined,
    });
    socket.on("data", (octets: Buffer) => void (received += octets.length));
    serve(socket);
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `https://localhost:${port}/`,
    secured,
    get received() {
      return received;
    },
    forget: () => server.setTicketKeys(randomBytes(48)),
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function answersOk(socket: TLSSocket): void {
  socket.on("error", () => {});
  let text = "";
  socket.on("data", (octets: Buffer) => {
    text += octets.toString("latin1");
    const requests = text.split("\r\n\r\n");
    text = requests.pop()!;
    for (const _ of requests) socket.write(okResponse());
  });
}
