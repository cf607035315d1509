/** How every connection of the driver is opened: to which address, from which, over TCP or a Unix domain socket, with TLS or without. */

import { connect } from "node:net";
import type { NetConnectOpts, Socket, SocketConnectOpts } from "node:net";
import { LentSocket } from "./lent-socket.ts";
import type { LentSlots } from "./lent-slots.ts";
import type { ServerAddresses } from "./server-addresses.ts";
import { tlsOpener } from "./tls-client.ts";
import type { TlsClient } from "./tls-client.ts";

/** What the connections of a thread share of a socket. */
export interface SocketPlan {
  readonly addresses: ServerAddresses;
  /** Source addresses, taken in turn; none leaves it to the system. */
  readonly localAddresses: readonly string[];
  /** One for all sockets of a thread: reading is over when its callback returns. */
  readonly readBuffer: Buffer;
  /** `null` for plain text. */
  readonly tls: TlsClient | null;
  /** `null` where no sender writes to them. */
  readonly lent: LentSlots | null;
  /** The number of a slot of this thread among those of all threads. */
  readonly slotOf: (local: number) => number;
}

/** Made once a slot; each is called on the socket that it is about. */
export interface SocketHandlers {
  /** TCP is established. */
  readonly connect: (this: Socket) => void;
  /** The handshake is done, and the server is who it should be; never called without TLS. */
  readonly secureConnect: (this: Socket) => void;
  readonly error: (this: Socket, error: NodeJS.ErrnoException) => void;
  /** The server has closed its side, or the socket is gone. */
  readonly end: (this: Socket) => void;
}

export interface SocketOpener {
  /** Turns to the next address, and tells its position. */
  aim(): number;
  /** Connects to it. */
  open(): Socket;
}

/** What net.connect reads at once, so that one object serves all connections of a slot. */
export type SocketOptions = NetConnectOpts & {
  host?: string;
  path?: string;
  localAddress?: string;
};

/** What a slot wants of its sockets; without `read` they are streams to be read. */
export interface Reading {
  /** Told how many octets the shared buffer holds. */
  readonly read?: (count: number, buffer: Buffer) => void;
  /** Told before the descriptor of a socket is closed that was lent to a sender. */
  readonly beforeClose?: (socket: Socket) => void;
}

/** Opens a slot's sockets, one after the other. */
export type OpenSockets = (plan: SocketPlan, slot: number, reading?: Reading) => SocketOpener;

export const openSockets: OpenSockets = (plan, slot, { read, beforeClose } = {}) => {
  const { addresses, readBuffer, slotOf, tls, lent } = plan;
  const options: SocketOptions = { port: addresses.port, noDelay: true };
  if (read !== undefined)
    options.onread = {
      buffer: readBuffer,
      callback: (count: number, buffer: Uint8Array) => {
        read(count, buffer as Buffer);
        return true;
      },
    };
  let open: () => Socket = () => connect(options);
  if (tls !== null) open = tlsOpener(tls, options);
  else if (lent !== null && beforeClose !== undefined)
    open = () => new LentSocket(options, beforeClose).connect(options as SocketConnectOpts);
  // Connections of all slots take the addresses in turn.
  let turn = slotOf(slot);
  return { aim: () => aim(options, plan, turn++), open };
};

/** Has `handlers` called for what becomes of a socket that was just opened. */
export function handle(socket: Socket, handlers: SocketHandlers): void {
  socket.once("connect", handlers.connect);
  socket.once("secureConnect", handlers.secureConnect);
  socket.once("error", handlers.error);
  socket.once("end", handlers.end);
  socket.once("close", handlers.end);
}

/**
 * Aims the next connection: addresses go in turn by `turn`, source addresses from one round of them to the next, so that
 * every pair has its turn. Returns the position of the address.
 */
function aim(
  options: SocketOptions,
  { addresses: { hosts, port }, localAddresses }: Pick<SocketPlan, "addresses" | "localAddresses">,
  turn: number,
): number {
  const position = turn % hosts.length;
  if (port === 0) options.path = hosts[position]!;
  else options.host = hosts[position]!;
  if (localAddresses.length > 0)
    options.localAddress = localAddresses[Math.floor(turn / hosts.length) % localAddresses.length]!;
  return position;
}
