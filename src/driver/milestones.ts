/** What every client does as a connection is established, secured and closed, whatever it speaks. */

import type { Socket } from "node:net";
import { monotonicUs } from "../clock.ts";
import type { Phase } from "./connect-failure.ts";
import type { ConnectionTable } from "./connection-table.ts";
import { agreed, noAgreement, resumed } from "./tls-client.ts";
import type { TlsClient } from "./tls-client.ts";

/** TCP is established. */
export function noteConnected(
  socket: Socket,
  row: number,
  { table, keepalive }: { readonly table: ConnectionTable; readonly keepalive: boolean },
): void {
  table.connected(row, monotonicUs());
  // getsockname costs a system call: worth it only where a mapping may ask for the port.
  if (keepalive) table.named(row, socket.localAddress ?? "", socket.localPort ?? 0);
}

/** The handshake of TLS is done: `null`, or why its protocol will not do. */
export function noteSecured(
  socket: Socket,
  row: number,
  { table, protocol }: { readonly table: ConnectionTable; readonly protocol: TlsClient["protocol"] },
): string | null {
  if (!agreed(socket, protocol)) return noAgreement(protocol);
  table.secured(row, monotonicUs(), resumed(socket));
  return null;
}

/** Gives a socket up; with `linger0` by a reset, where there is somebody to be told. */
export function closeSocket(socket: Socket, phase: Phase, linger0: boolean): void {
  if (linger0 && phase !== "connecting") socket.resetAndDestroy();
  else socket.destroy();
}
