/**
 * What goes to a socket in one write: the frames of a turn collect here. One for all connections of a thread, since
 * it is flushed before another connection has its turn. Hot path: nothing is allocated while the socket keeps up.
 */

import type { Socket } from "node:net";
import { frameHeaderSize } from "./frames.ts";
import type { RequestTemplate } from "./request-template.ts";

const startSize = 64 * 1024;

export class Outbox {
  #buffer = Buffer.allocUnsafeSlow(startSize);
  #used = 0;
  /** The part that was last written: of requests alike it is alike. */
  #view = this.#buffer.subarray(0, 0);

  /** What it holds goes on taking room until it is flushed. */
  get used(): number {
    return this.#used;
  }

  /** `uuid` is the text of one, for the request's places. */
  request({ bytes, streamIdAt, uuid: pieces }: RequestTemplate, streamId: number, uuid: Buffer): void {
    const at = this.#reserve(bytes.length);
    const buffer = this.#buffer;
    buffer.set(bytes, at);
    for (let i = 0; i < streamIdAt.length; i++) writeStreamId(buffer, at + streamIdAt[i]!, streamId);
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i]!;
      uuid.copy(buffer, at + piece.at, piece.from, piece.to);
    }
  }

  bytes(bytes: Buffer): void {
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
  }

  /** A frame whose payload is `[start, end)` of `payload`. */
  frame(type: number, flags: number, streamId: number, payload: Buffer, start: number, end: number): void {
    const at = this.#head(type, flags, streamId, end - start);
    payload.copy(this.#buffer, at, start, end);
  }

  /** A frame whose payload is one or two numbers of four octets. */
  numbers(type: number, streamId: number, ...values: readonly number[]): void {
    let at = this.#head(type, 0, streamId, values.length * 4);
    for (const value of values) at = this.#buffer.writeUInt32BE(value, at);
  }

  /** Replaces octets of the last frame's payload, `back` octets from its end, by `[from, to)` of `source`. */
  replace(back: number, source: Buffer, from: number, to: number): void {
    source.copy(this.#buffer, this.#used - back, from, to);
  }

  flush(socket: Socket): void {
    const used = this.#used;
    if (used === 0) return;
    this.#used = 0;
    if (this.#view.length !== used || this.#view.buffer !== this.#buffer.buffer)
      this.#view = this.#buffer.subarray(0, used);
    // A socket that cannot write at once keeps what it was given.
    if (socket.writableLength > 0) {
      socket.write(Buffer.from(this.#view));
      return;
    }
    socket.write(this.#view);
    if (socket.writableLength > 0) this.#buffer = Buffer.allocUnsafeSlow(this.#buffer.length);
  }

  /** All of it, on octets of its own. */
  take(): Buffer {
    const octets = Buffer.from(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
    return octets;
  }

  clear(): void {
    this.#used = 0;
  }

  #head(type: number, flags: number, streamId: number, length: number): number {
    const at = this.#reserve(frameHeaderSize + length);
    const buffer = this.#buffer;
    buffer[at] = length >> 16;
    buffer[at + 1] = length >> 8;
    buffer[at + 2] = length;
    buffer[at + 3] = type;
    buffer[at + 4] = flags;
    writeStreamId(buffer, at + 5, streamId);
    return at + frameHeaderSize;
  }

  #reserve(length: number): number {
    const at = this.#used;
    this.#used += length;
    if (this.#used > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#used, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    return at;
  }
}

function writeStreamId(buffer: Buffer, at: number, streamId: number): void {
  buffer[at] = streamId >> 24;
  buffer[at + 1] = streamId >> 16;
  buffer[at + 2] = streamId >> 8;
  buffer[at + 3] = streamId;
}
