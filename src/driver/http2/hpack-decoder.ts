/**
 * Header blocks of responses, decoded whole (RFC 7541) for an encoder that we allow no dynamic table: nothing is
 * remembered from one block to the next. It keeps the status and the worker; every other field is checked and dropped.
 */

import { workerLimit } from "../worker-header.ts";
import { equals, isFieldName, isFieldValue, isPseudo } from "./field-rules.ts";
import type { ErrorName } from "./frames.ts";
import { decodeHuffman } from "./huffman.ts";
import { firstStatusIndex, staticNames, staticStatuses } from "./static-table.ts";

/** Octets of all names and values, each field with 32 more (RFC 9113 §10.5.1). */
const listLimit = 64 * 1024;

const ZERO = 0x30;
const statusName = Buffer.from(":status");
const staticNameOctets = staticNames.map((name) => Buffer.from(name));

/** One for all connections of a thread: what it knows is of the last block. */
export class HpackDecoder {
  /** 0 in trailers. */
  status = 0;
  /** The number at the end of the worker header's value, −1 without one. */
  worker = -1;
  error: ErrorName | null = null;
  /** What is wrong, in words. */
  detail = "";

  readonly #workerName: Buffer;
  readonly #nameRoom = Buffer.allocUnsafeSlow(listLimit);
  readonly #valueRoom = Buffer.allocUnsafeSlow(listLimit);
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  #trailers = false;
  #regular = false;
  #fields = 0;
  #listSize = 0;
  #name: Uint8Array = statusName;
  #nameLength = 0;
  #value: Uint8Array = statusName;
  #valueStart = 0;
  #valueEnd = 0;

  constructor(workerHeader: string) {
    this.#workerName = Buffer.from(workerHeader, "latin1");
  }

  /** Decodes `[start, end)`: `error` is `null` where it is a legal head, or legal `trailers`. */
  decode(buffer: Buffer, start: number, end: number, trailers: boolean): void {
    this.status = 0;
    this.worker = -1;
    this.error = null;
    this.#buffer = buffer;
    this.#at = start;
    this.#end = end;
    this.#trailers = trailers;
    this.#regular = false;
    this.#fields = 0;
    this.#listSize = 0;
    while (this.#at < this.#end && this.error === null) this.#representation();
    if (!trailers && this.status === 0) this.#fail("PROTOCOL_ERROR", "a response without :status");
  }

  #representation(): void {
    const octet = this.#buffer[this.#at]!;
    if (octet & 0x80) this.#indexed(this.#integer(0x7f));
    else if (octet & 0x40) this.#literal(this.#integer(0x3f));
    else if (octet & 0x20) this.#sizeUpdate(this.#integer(0x1f));
    else this.#literal(this.#integer(0x0f));
  }

  #indexed(index: number): void {
    if (this.error !== null) return;
    if (index === 0 || index >= staticNames.length) {
      this.#fail("COMPRESSION_ERROR", `index ${index} of a table that has no such entry`);
      return;
    }
    const status = staticStatuses[index - firstStatusIndex];
    if (status !== undefined) this.#setStatus(status);
    else if (
      staticNames[index]!.startsWith(":") ||
      !isFieldName(staticNameOctets[index]!, staticNames[index]!.length)
    )
      this.#fail("PROTOCOL_ERROR", `${staticNames[index]} in a response`);
    else this.#regular = true;
    this.#count(staticNames[index]!.length);
  }

  // RFC 7541 §6.2: with indexing (an entry larger than the table leaves it empty), without, or never.
  #literal(index: number): void {
    if (this.error !== null) return;
    if (index >= staticNames.length) {
      this.#fail("COMPRESSION_ERROR", `name ${index} of a table that has no such entry`);
      return;
    }
    if (index > 0) {
      this.#name = staticNameOctets[index]!;
      this.#nameLength = this.#name.length;
    } else {
      const length = this.#string(this.#nameRoom);
      if (this.error !== null) return;
      if (this.#value !== this.#nameRoom)
        this.#buffer.copy(this.#nameRoom, 0, this.#valueStart, this.#valueEnd);
      this.#name = this.#nameRoom;
      this.#nameLength = length;
    }
    const length = this.#string(this.#valueRoom);
    if (this.error !== null) return;
    this.#count(this.#nameLength + length);
    if (this.error === null) this.#field();
  }

  #field(): void {
    const name = this.#name;
    const length = this.#nameLength;
    if (equals(name, length, statusName)) this.#setStatus(this.#statusValue());
    else if (isPseudo(name, length) || !isFieldName(name, length))
      this.#fail("PROTOCOL_ERROR", `the field ${printable(name, length)} in a response`);
    else {
      this.#regular = true;
      if (!isFieldValue(this.#value, this.#valueStart, this.#valueEnd))
        this.#fail("PROTOCOL_ERROR", `the value of ${printable(name, length)}`);
      else if (this.worker < 0 && equals(name, length, this.#workerName)) this.worker = this.#workerValue();
    }
  }

  #setStatus(status: number): void {
    if (this.#trailers || this.#regular || this.status !== 0 || status < 100 || status > 599)
      this.#fail("PROTOCOL_ERROR", ":status twice, late, in trailers or no status");
    else this.status = status;
  }

  #statusValue(): number {
    if (this.#valueEnd - this.#valueStart !== 3) return 0;
    let status = 0;
    for (let i = this.#valueStart; i < this.#valueEnd; i++) {
      const digit = this.#value[i]! - ZERO;
      if (digit < 0 || digit > 9) return 0;
      status = status * 10 + digit;
    }
    return status;
  }

  #workerValue(): number {
    let worker = 0;
    let factor = 1;
    for (let i = this.#valueEnd - 1; i >= this.#valueStart; i--, factor *= 10) {
      const digit = this.#value[i]! - ZERO;
      if (digit < 0 || digit > 9) break;
      worker += digit * factor;
    }
    return factor === 1 || worker >= workerLimit ? -1 : worker;
  }

  /** Reads a string literal; afterwards `#value` has it, in place or decoded into `room`. Returns its length. */
  #string(room: Buffer): number {
    if (this.#at >= this.#end) return this.#fail("COMPRESSION_ERROR", "a header block ends too early");
    const huffman = (this.#buffer[this.#at]! & 0x80) !== 0;
    const length = this.#integer(0x7f);
    if (this.error !== null) return 0;
    if (length > this.#end - this.#at)
      return this.#fail("COMPRESSION_ERROR", "a string ends after its block");
    const start = this.#at;
    this.#at += length;
    if (!huffman) {
      this.#value = this.#buffer;
      this.#valueStart = start;
      this.#valueEnd = this.#at;
      return length;
    }
    const decoded = decodeHuffman(this.#buffer, start, this.#at, room);
    if (decoded === -1) return this.#fail("COMPRESSION_ERROR", "a broken Huffman code");
    if (decoded < 0) return this.#fail("ENHANCE_YOUR_CALM", `more than ${listLimit} octets of header`);
    this.#value = room;
    this.#valueStart = 0;
    this.#valueEnd = decoded;
    return decoded;
  }

  // RFC 7541 §5.1; what is beyond four octets after the prefix is beyond every limit of ours.
  #integer(prefix: number): number {
    let value = this.#buffer[this.#at++]! & prefix;
    if (value < prefix) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      if (this.#at >= this.#end) return this.#fail("COMPRESSION_ERROR", "a header block ends too early");
      const octet = this.#buffer[this.#at++]!;
      value += (octet & 0x7f) << shift;
      if ((octet & 0x80) === 0) return value;
    }
    return this.#fail("COMPRESSION_ERROR", "an integer too large");
  }

  #sizeUpdate(size: number): void {
    if (this.error !== null) return;
    if (size > 0 || this.#fields > 0)
      this.#fail("COMPRESSION_ERROR", "a table size above ours, or amid the fields");
  }

  #count(octets: number): void {
    this.#fields++;
    this.#listSize += octets + 32;
    if (this.#listSize > listLimit)
      this.#fail("ENHANCE_YOUR_CALM", `more than ${listLimit} octets of header`);
  }

  #fail(error: ErrorName, detail: string): 0 {
    if (this.error === null) {
      this.error = error;
      this.detail = detail;
    }
    return 0;
  }
}

const printable = (octets: Uint8Array, length: number): string =>
  JSON.stringify(Buffer.from(octets.subarray(0, Math.min(length, 40))).toString("latin1"));
