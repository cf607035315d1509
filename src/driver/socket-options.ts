/** How every connection of the driver is opened. */

import type { NetConnectOpts } from "node:net";

/** What the connections of a thread share of a socket. */
interface SocketPlan {
  readonly host: string;
  readonly port: number;
  /** Source addresses, taken in turn by slot; none leaves it to the system. */
  readonly localAddresses: readonly string[];
  /** One for all sockets of a thread: reading is over when its callback returns. */
  readonly readBuffer: Buffer;
}

/** Options of net.connect, made once a slot. `onRead` is told how many octets the shared buffer holds, and returns true. */
export function socketOptions(
  { host, port, localAddresses, readBuffer }: SocketPlan,
  slot: number,
  onRead: (count: number, buffer: Buffer) => true,
): NetConnectOpts {
  const localAddress = localAddresses[slot % localAddresses.length];
  return {
    host,
    port,
    noDelay: true,
    ...(localAddress === undefined ? {} : { localAddress }),
    onread: { buffer: readBuffer, callback: onRead as (count: number, buffer: Uint8Array) => boolean },
  };
}
