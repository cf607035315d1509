/** One TCP connection that undici drives and we opened: its row in the table, and what went over it. */

import type { Socket } from "node:net";
import { monotonicUs } from "../../clock.ts";
import { failureMessage } from "../connect-failure.ts";
import type { Phase } from "../connect-failure.ts";
import type { ConnectionTable } from "../connection-table.ts";
import { closeSocket, noteConnected, noteSecured } from "../milestones.ts";
import { secure } from "../tls-client.ts";
import type { TlsClient } from "../tls-client.ts";
import { openTunnel } from "./proxy.ts";
import type { ProxyRoute } from "./proxy.ts";

export interface LinkOptions {
  readonly table: ConnectionTable;
  readonly keepalive: boolean;
  readonly linger0: boolean;
  readonly bytes: { sent: number; received: number };
  readonly protocol: "http/1.1" | "h2";
  readonly tls: TlsClient | null;
  /** `null` = no proxy. */
  readonly route: ProxyRoute | null;
}

export class Link {
  /** Of the way to the target, through a tunnel where that leads there. */
  phase: Phase = "connecting";
  /** The peer closed its side. */
  ended = false;
  /** It has answered a request. */
  answered = false;
  readonly row: number;
  readonly #options: LinkOptions;
  readonly #socket: Socket;
  readonly #settle: (error: Error | null, socket: Socket | null) => void;
  #settled = false;
  #sent = 0;
  #received = 0;

  /** `settle` is told once: the socket, or why there is none. */
  constructor(
    row: number,
    socket: Socket,
    options: LinkOptions,
    settle: (error: Error | null, socket: Socket | null) => void,
  ) {
    const { tls, route } = options;
    this.row = row;
    this.#options = options;
    this.#socket = socket;
    this.#settle = settle;
    socket.once("connect", () => {
      noteConnected(socket, row, options);
      if (route?.tunnels === true) openTunnel(socket, route, (error) => this.#tunnelled(error));
      else if (tls === null) this.#becomeOpen(socket);
      else this.#awaitHandshake(socket);
    });
    this.#watch(socket);
  }

  #tunnelled(error: Error | null): void {
    const { tls } = this.#options;
    if (error !== null) this.#socket.destroy(error);
    else if (tls === null) this.#becomeOpen(this.#socket);
    else {
      const secured = secure(tls, this.#socket);
      this.#watch(secured);
      this.#awaitHandshake(secured);
    }
  }

  #awaitHandshake(socket: Socket): void {
    this.phase = "handshake";
    socket.once("secureConnect", () => {
      const problem = noteSecured(socket, this.row, this.#options);
      if (problem === null) this.#becomeOpen(socket);
      else socket.destroy(new Error(problem));
    });
  }

  #becomeOpen(socket: Socket): void {
    const { protocol, tls } = this.#options;
    this.phase = "open";
    // What undici looks at to tell the protocol; TLS has set it.
    if (protocol === "h2" && tls === null) Object.assign(socket, { alpnProtocol: "h2" });
    this.#settleOnce(null, socket);
  }

  #watch(socket: Socket): void {
    const { table } = this.#options;
    socket.once("end", () => (this.ended = true));
    socket.on("error", (error) => {
      if (this.phase === "handshake") table.handshakeFailed(failureMessage(error));
      this.#settleOnce(error, null);
    });
    socket.once("close", () => {
      this.count();
      table.closed(this.row, monotonicUs());
      this.#settleOnce(new Error("closed before it was connected"), null);
    });
  }

  #settleOnce(error: Error | null, socket: Socket | null): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#settle(error, socket);
  }

  /** It is established, and neither side has closed it. */
  get isUp(): boolean {
    return this.phase === "open" && !this.ended && !this.#socket.destroyed;
  }

  /** Adds to the thread's bytes what has passed since the last time. */
  count(): void {
    const { bytes } = this.#options;
    const { bytesWritten, bytesRead } = this.#socket;
    bytes.sent += bytesWritten - this.#sent;
    bytes.received += bytesRead - this.#received;
    this.#sent = bytesWritten;
    this.#received = bytesRead;
  }

  close(): void {
    if (this.#socket.destroyed) return;
    this.count();
    this.#options.table.closed(this.row, monotonicUs());
    closeSocket(this.#socket, this.phase, this.#options.linger0);
  }
}
