/** The seam between the schedule and a protocol: what the set of connections asks of one, and is told by it. */

import type { FailureReason } from "../result/load.ts";
import type { ConnectionTable } from "./connection-table.ts";
import type { LentSlots } from "./lent-slots.ts";
import type { Lifetime } from "./lifetime.ts";
import type { ServerAddresses } from "./server-addresses.ts";
import type { Readings } from "./readings.ts";
import type { OpenSockets } from "./socket.ts";
import type { TlsClient } from "./tls-client.ts";

/** What all connections of a thread share, whatever they speak. */
export interface ConnectionOptions {
  readonly addresses: ServerAddresses;
  readonly keepalive: boolean;
  /** How long the opening of a connection may take before the load. */
  readonly timeoutUs: number;
  readonly lifetimeOf: (local: number) => Lifetime;
  readonly linger0: boolean;
  /** Source addresses, taken in turn; none lets the system choose. */
  readonly localAddresses: readonly string[];
  /** The number of a slot of this thread among those of all threads. */
  readonly slotOf: (local: number) => number;
  /** By request number, which of the kinds of request it is. */
  readonly kinds: Uint8Array;
  /** `null` for plain text. */
  readonly tls: TlsClient | null;
  readonly owner: ConnectionOwner;
  readonly table: ConnectionTable;
  readonly readBuffer: Buffer;
  readonly bytes: { sent: number; received: number };
  /** How each slot gets its sockets. */
  readonly openSockets: OpenSockets;
  /** What is lent to a sender that writes the requests; `null` = there is none. */
  readonly lent: LentSlots | null;
  /** How the sender is lent the reading of the responses as well; `null` = it does not read. */
  readonly readings: Readings | null;
}

/** One place in the schedule, and the TCP connection that serves it at the moment (none, before the first and after a loss). */
export interface Connection {
  /** Connects before the load; answers with `owner.opened` or `owner.openFailed`. */
  open(): void;
  /** Writes the request that the owner knows by number, connecting first where no connection is open. */
  send(request: number): void;
  /** Ends a request that has waited too long, as `failed`. HTTP/1.1 can only close the connection for that. */
  abort(request: number, reason: "timeout" | "unfinished"): void;
  close(): void;
  /** Where a sender writes for it: takes back what was lent to that; what it has sent is told as `owner.sent`. */
  recall?(): void;
  /** Where a sender reads for it: reads by itself from now on. */
  takeBackReading?(): void;
  /**
   * What the sender has read for it: `count` octets of `buffer` from `start` on, the last of which came at `receivedUs`;
   * none where the connection has ended or failed, and the sender does not read from it any more.
   */
  deliver?(buffer: Buffer, start: number, count: number, receivedUs: number): void;
  /** Row of the present or last connection in the connection table, −1 before the first. */
  readonly row: number;
}

/** What a connection tells the set that it belongs to. */
export interface ConnectionOwner {
  opened(slot: number): void;
  openFailed(slot: number, reason: FailureReason, message: string): void;
  /** No more than so many requests of a slot may be in flight for now: further ones wait until it is granted more. */
  granted(slot: number, requests: number): void;
  /** The sender has written a request of this slot: its number, by which it will be completed. */
  sent(slot: number, dueUs: number, actedUs: number): number;
  /** The last byte of the response has come: at `atUs`, or now. */
  completed(request: number, status: number, row: number, atUs?: number): void;
  /** A response sent the request elsewhere; it goes on. */
  redirected(request: number): void;
  /** No complete response will come. */
  failed(request: number, reason: FailureReason, row: number): void;
  /** A reading callback has ended: the moment to send what has fallen due meanwhile. */
  readDone(): void;
}
