/**
 * Octets of a connection → frames, read incrementally. Hot path: a frame that lies whole in the reading buffer is
 * handed on in place; content of DATA is only counted, never kept; states are numbers.
 */

import {
  ACK,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  HEADERS,
  PADDED,
  PRIORITY_FLAG,
  SETTINGS,
  frameHeaderSize,
} from "./frames.ts";
import type { ErrorName } from "./frames.ts";
import { frameFault } from "./frame-rules.ts";

/** Octets of a header block, whatever the number of its frames. */
const blockLimit = 64 * 1024;

/** Frames that bring no response nearer, since the last one that did. */
const idleFrameLimit = 10_000;

/** "HTT" as the length of a frame: an answer in HTTP/1.1. */
const http1Length = 0x485454;

/** What is told of the frames. A header block comes whole, without padding and priority. */
export interface FrameHandler {
  headers(streamId: number, endStream: boolean, buffer: Buffer, start: number, end: number): void;
  /** A DATA frame begins; `octets` of it count against the windows, `content` of them are no padding. */
  data(streamId: number, octets: number, content: number): void;
  /** The last octet of a DATA frame with END_STREAM has come. */
  dataEnd(streamId: number): void;
  /** Any other frame, with its payload. */
  control(type: number, flags: number, streamId: number, buffer: Buffer, start: number, end: number): void;
  broken(error: ErrorName, detail: string): void;
}

export class FrameReader {
  /** Reads no further: broken, or the connection is gone. */
  stopped = false;
  /** Frames since the last sign of progress, which sets it to 0. */
  idleFrames = 0;

  readonly #handler: FrameHandler;
  #started = false;
  /** A frame that has come in part, other than DATA. */
  #carry: Buffer | null = null;
  #carried = 0;
  /** Of the DATA frame being read. */
  #dataLength = 0;
  #dataLeft = 0;
  #dataStream = 0;
  #dataEnds = false;
  #padPending = false;
  /** Of the header block that CONTINUATION must continue; stream 0 = none. */
  #block: Buffer | null = null;
  #blockLength = 0;
  #blockStream = 0;
  #blockEnds = false;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** Reads `[start, end)`, all of it unless `stopped`. */
  execute(buffer: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end && !this.stopped) {
      if (this.#dataLeft > 0) at = this.#readData(buffer, at, end);
      else if (this.#carried > 0) at = this.#fill(buffer, at, end);
      else at = this.#readFrame(buffer, at, end);
    }
  }

  #readFrame(buffer: Buffer, at: number, end: number): number {
    if (end - at < frameHeaderSize) return this.#keep(buffer, at, end);
    const payload = at + frameHeaderSize;
    const length = lengthAt(buffer, at);
    if (!this.#begin(buffer, at, length)) return end;
    if (buffer[at + 3] === DATA) {
      this.#beginData(buffer, at, length);
      return payload;
    }
    if (end - payload < length) return this.#keep(buffer, at, end);
    this.#whole(buffer, at, length);
    return payload + length;
  }

  #keep(buffer: Buffer, from: number, to: number): number {
    const size = this.#carried + to - from;
    if (this.#carry === null || this.#carry.length < size) {
      const larger = Buffer.allocUnsafe(Math.max(64, size));
      this.#carry?.copy(larger, 0, 0, this.#carried);
      this.#carry = larger;
    }
    buffer.copy(this.#carry, this.#carried, from, to);
    this.#carried = size;
    return to;
  }

  #fill(buffer: Buffer, at: number, end: number): number {
    const headed = this.#carried >= frameHeaderSize;
    const size = headed ? frameHeaderSize + lengthAt(this.#carry!, 0) : frameHeaderSize;
    const next = this.#keep(buffer, at, Math.min(end, at + size - this.#carried));
    const carry = this.#carry!;
    if (this.#carried < size) return next;
    const length = lengthAt(carry, 0);
    if (!headed && !this.#begin(carry, 0, length)) return end;
    if (!headed && length > 0 && carry[3] !== DATA) return next;
    this.#carried = 0;
    if (carry[3] === DATA) this.#beginData(carry, 0, length);
    else this.#whole(carry, 0, length);
    return next;
  }

  /** Whether a frame with this head may come now. */
  #begin(buffer: Buffer, at: number, length: number): boolean {
    const type = buffer[at + 3]!;
    const flags = buffer[at + 4]!;
    const streamId = streamAt(buffer, at);
    if (!this.#started) {
      if (length === http1Length) return this.#fail("HTTP_1_1_REQUIRED", "the server answered in HTTP/1.1");
      if (type !== SETTINGS || (flags & ACK) !== 0)
        return this.#fail("PROTOCOL_ERROR", "the first frame is not SETTINGS");
      this.#started = true;
    }
    const fault = frameFault(type, flags, streamId, length);
    if (fault !== null)
      return this.#fail(fault, `frame of type ${type}, ${length} octets, stream ${streamId}`);
    if (
      this.#blockStream === 0
        ? type === CONTINUATION
        : type !== CONTINUATION || streamId !== this.#blockStream
    )
      return this.#fail("PROTOCOL_ERROR", "a header block is interrupted, or none is there to continue");
    if ((type !== DATA || length === 0) && ++this.idleFrames > idleFrameLimit)
      return this.#fail("ENHANCE_YOUR_CALM", `more than ${idleFrameLimit} frames without any progress`);
    return true;
  }

  #beginData(buffer: Buffer, at: number, length: number): void {
    const flags = buffer[at + 4]!;
    this.#dataStream = streamAt(buffer, at);
    this.#dataEnds = (flags & END_STREAM) !== 0;
    this.#padPending = (flags & PADDED) !== 0;
    this.#dataLength = length;
    this.#dataLeft = length;
    if (this.#padPending && length === 0) this.#fail("FRAME_SIZE_ERROR", "padding without its length");
    else if (!this.#padPending) this.#handler.data(this.#dataStream, length, length);
    if (length === 0 && this.#dataEnds && !this.stopped) this.#handler.dataEnd(this.#dataStream);
  }

  #readData(buffer: Buffer, at: number, end: number): number {
    if (this.#padPending) {
      this.#padPending = false;
      const content = this.#dataLength - 1 - buffer[at]!;
      if (content < 0) this.#fail("PROTOCOL_ERROR", "more padding than there is frame");
      else this.#handler.data(this.#dataStream, this.#dataLength, content);
    }
    const taken = Math.min(end - at, this.#dataLeft);
    this.#dataLeft -= taken;
    if (this.#dataLeft === 0 && this.#dataEnds && !this.stopped) this.#handler.dataEnd(this.#dataStream);
    return at + taken;
  }

  #whole(buffer: Buffer, at: number, length: number): void {
    const type = buffer[at + 3]!;
    const payload = at + frameHeaderSize;
    if (type === HEADERS) this.#readHeaders(buffer, at, length);
    else if (type === CONTINUATION) this.#continue(buffer, payload, payload + length, buffer[at + 4]!);
    else
      this.#handler.control(type, buffer[at + 4]!, streamAt(buffer, at), buffer, payload, payload + length);
  }

  #readHeaders(buffer: Buffer, at: number, length: number): void {
    const flags = buffer[at + 4]!;
    const padded = (flags & PADDED) !== 0;
    let start = at + frameHeaderSize;
    let end = start + length;
    const needed = (padded ? 1 : 0) + (flags & PRIORITY_FLAG ? 5 : 0);
    if (length < needed) {
      this.#fail("FRAME_SIZE_ERROR", "HEADERS end before their fields");
      return;
    }
    if (padded) end -= buffer[start]!;
    start += needed;
    if (end < start) {
      this.#fail("PROTOCOL_ERROR", "more padding than there is frame");
      return;
    }
    const streamId = streamAt(buffer, at);
    const endStream = (flags & END_STREAM) !== 0;
    if (flags & END_HEADERS) {
      this.#handler.headers(streamId, endStream, buffer, start, end);
      return;
    }
    this.#blockStream = streamId;
    this.#blockEnds = endStream;
    this.#blockLength = 0;
    this.#continue(buffer, start, end, 0);
  }

  #continue(buffer: Buffer, start: number, end: number, flags: number): void {
    const length = this.#blockLength + end - start;
    if (length > blockLimit) {
      this.#fail("ENHANCE_YOUR_CALM", `a header block of more than ${blockLimit} octets`);
      return;
    }
    if (this.#block === null || this.#block.length < length) {
      const larger = Buffer.allocUnsafe(Math.min(blockLimit, length * 2));
      this.#block?.copy(larger, 0, 0, this.#blockLength);
      this.#block = larger;
    }
    buffer.copy(this.#block, this.#blockLength, start, end);
    this.#blockLength = length;
    if ((flags & END_HEADERS) === 0) return;
    const streamId = this.#blockStream;
    this.#blockStream = 0;
    this.#handler.headers(streamId, this.#blockEnds, this.#block, 0, length);
  }

  #fail(error: ErrorName, detail: string): false {
    this.stopped = true;
    this.#handler.broken(error, detail);
    return false;
  }
}

function lengthAt(buffer: Buffer, at: number): number {
  return (buffer[at]! << 16) | (buffer[at + 1]! << 8) | buffer[at + 2]!;
}

function streamAt(buffer: Buffer, at: number): number {
  return (
    ((buffer[at + 5]! & 0x7f) << 24) | (buffer[at + 6]! << 16) | (buffer[at + 7]! << 8) | buffer[at + 8]!
  );
}
