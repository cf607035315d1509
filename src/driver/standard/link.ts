/** One TCP connection that undici drives and we opened: its row in the table, and what went over it. */

import { connect } from "node:net";
import type { NetConnectOpts, Socket } from "node:net";
import { monotonicUs } from "../../clock.ts";
import type { ConnectionTable } from "../connection-table.ts";
import { openTunnel } from "./proxy.ts";
import type { ProxyRoute } from "./proxy.ts";

export interface LinkOptions {
  readonly table: ConnectionTable;
  readonly keepalive: boolean;
  readonly linger0: boolean;
  readonly bytes: { sent: number; received: number };
  readonly protocol: "http/1.1" | "h2";
  /** `null` = no proxy. */
  readonly route: ProxyRoute | null;
}

export class Link {
  /** To the target, through a tunnel where that leads there. */
  connected = false;
  /** The peer closed its side. */
  ended = false;
  /** It has answered a request. */
  answered = false;
  readonly row: number;
  readonly #options: LinkOptions;
  readonly #socket: Socket;
  #sent = 0;
  #received = 0;

  /** `settle` is told once: the socket, or why there is none. */
  constructor(
    row: number,
    socketOptions: NetConnectOpts,
    options: LinkOptions,
    settle: (error: Error | null, socket: Socket | null) => void,
  ) {
    const { table, keepalive, protocol, route } = options;
    this.row = row;
    this.#options = options;
    const socket = connect(socketOptions);
    this.#socket = socket;
    let settled = false;
    const become = (): void => {
      this.connected = true;
      settled = true;
      // What undici looks at to tell the protocol; TLS would have set it.
      if (protocol === "h2") Object.assign(socket, { alpnProtocol: "h2" });
      settle(null, socket);
    };
    socket.once("connect", () => {
      table.connected(row, monotonicUs());
      // getsockname costs a system call: worth it only where a mapping may ask for the port.
      if (keepalive) table.named(row, socket.localAddress ?? "", socket.localPort ?? 0);
      if (route?.tunnels !== true) become();
      else openTunnel(socket, route, (error) => (error === null ? become() : socket.destroy(error)));
    });
    socket.once("end", () => (this.ended = true));
    socket.on("error", (error) => {
      if (!settled) settle(error, null);
      settled = true;
    });
    socket.once("close", () => {
      this.count();
      table.closed(row, monotonicUs());
      if (!settled) settle(new Error("closed before it was connected"), null);
      settled = true;
    });
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
    if (this.#options.linger0 && this.connected) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }
}
