/** A request of HTTP/1 that is written many times, with a fresh UUID in its places. Hot path: nothing is allocated. */

import type { Socket } from "node:net";
import type { UuidSource } from "../uuid.ts";
import type { WireRequest } from "../wire-requests.ts";

/** What comes after the last UUID is never copied where it is longer. */
const worthSplitting = 16 * 1024;

export class OutgoingRequest {
  readonly isHead: boolean;
  /** Octets on the wire. */
  readonly size: number;
  readonly #uuids: UuidSource;
  readonly #uuidAt: readonly number[];
  /** The part that has UUIDs, or all of it. */
  #bytes: Buffer;
  readonly #rest: Buffer | null;

  constructor({ bytes, uuidAt, isHead }: WireRequest, uuids: UuidSource) {
    const all = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
    const changing = uuidAt.length === 0 ? all.length : uuidAt.at(-1)! + uuids.text.length;
    const splits = all.length - changing > worthSplitting;
    this.isHead = isHead;
    this.size = all.length;
    this.#uuids = uuids;
    this.#uuidAt = uuidAt;
    this.#bytes = splits ? all.subarray(0, changing) : all;
    this.#rest = splits ? all.subarray(changing) : null;
  }

  /** Writes what is left of a request without UUIDs, of which somebody else has written so many octets. */
  writeRest(socket: Socket, written: number): void {
    if (written < this.size) socket.write(this.#bytes.subarray(written));
  }

  write(socket: Socket): void {
    const places = this.#uuidAt;
    if (places.length === 0) {
      socket.write(this.#bytes);
      return;
    }
    this.#uuids.next();
    for (let i = 0; i < places.length; i++) this.#uuids.put(this.#bytes, places[i]!);
    socket.write(this.#bytes);
    // A socket that could not write at once keeps the buffer: the next request gets another.
    if (socket.writableLength > 0) this.#bytes = Buffer.from(this.#bytes);
    if (this.#rest !== null) socket.write(this.#rest);
  }
}
