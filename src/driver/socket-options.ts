/** How every connection of the driver is opened: to which address, from which, and how it is read. */

import type { NetConnectOpts } from "node:net";
import type { ServerAddresses } from "./server-addresses.ts";

/** What the connections of a thread share of a socket. */
interface SocketPlan {
  readonly addresses: ServerAddresses;
  /** Source addresses, taken in turn; none leaves it to the system. */
  readonly localAddresses: readonly string[];
  /** One for all sockets of a thread: reading is over when its callback returns. */
  readonly readBuffer: Buffer;
}

/** What net.connect reads at once, so that one object serves all connections of a slot. */
export type SocketOptions = NetConnectOpts & {
  host?: string;
  path?: string;
  localAddress?: string;
};

/**
 * Options of net.connect, made once a slot. `onRead` is told how many octets the shared buffer holds, and returns true;
 * without it the socket is a stream to be read.
 */
export function socketOptions(
  { addresses, readBuffer }: SocketPlan,
  onRead?: (count: number, buffer: Buffer) => true,
): SocketOptions {
  return {
    port: addresses.port,
    noDelay: true,
    ...(onRead === undefined
      ? {}
      : {
          onread: { buffer: readBuffer, callback: onRead as (count: number, buffer: Uint8Array) => boolean },
        }),
  };
}

/**
 * Aims the next connection: addresses go in turn by `turn`, source addresses from one round of them to the next, so that
 * every pair has its turn. Returns the position of the address.
 */
export function aim(
  options: SocketOptions,
  { addresses: { hosts, port }, localAddresses }: SocketPlan,
  turn: number,
): number {
  const position = turn % hosts.length;
  if (port === 0) options.path = hosts[position]!;
  else options.host = hosts[position]!;
  if (localAddresses.length > 0)
    options.localAddress = localAddresses[Math.floor(turn / hosts.length) % localAddresses.length]!;
  return position;
}
