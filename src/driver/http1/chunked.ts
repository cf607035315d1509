/**
 * A chunked body (RFC 9112 §7.1): sizes are added up and data is skipped, never kept.
 * Hot path: nothing is allocated per response.
 */

import type { HeadParser } from "./head-parser.ts";
import type { ResponseError } from "./response-error.ts";

// Named here and not imported, for the reason given in head-parser.ts.
const HTAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const SEMICOLON = 0x3b;

/** Octets of one size line; extensions are ignored, but must end (RFC 9112 §7.1.1). */
const sizeLineLimit = 64 * 1024;

const SIZE = 0;
const AFTER_SIZE = 1;
const EXTENSION = 2;
const SIZE_LINE_FEED = 3;
const DATA = 4;
const DATA_CARRIAGE_RETURN = 5;
const DATA_LINE_FEED = 6;
const TRAILERS = 7;

export class ChunkedBody {
  /** Octets of data so far. */
  octets = 0;
  done = false;
  error: ResponseError | null = null;

  readonly #head: HeadParser;
  #state = SIZE;
  /** Size of the chunk, then what is left of it. */
  #size = 0;
  #digits = 0;
  #line = 0;

  constructor(head: HeadParser) {
    this.#head = head;
  }

  /** Before each chunked body. */
  reset(): void {
    this.octets = 0;
    this.done = false;
    this.error = null;
    this.#beginSize();
  }

  /** Reads `[start, end)`; returns the position after the last octet read: `end`, or earlier when done or in error. */
  execute(buffer: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && !this.done && this.error === null) {
      if (this.#state === DATA) {
        const taken = Math.min(end - at, this.#size);
        this.#size -= taken;
        this.octets += taken;
        at += taken;
        if (this.#size === 0) this.#state = DATA_CARRIAGE_RETURN;
      } else if (this.#state === TRAILERS) {
        at = this.#head.execute(buffer, at, end);
        this.done = this.#head.done;
        this.error = this.#head.error;
      } else if (this.#state < DATA) at = this.#sizeOctet(buffer[at]!, at);
      else at = this.#dataEnd(buffer[at]!, at);
    }
    return at;
  }

  // Only start line and fields may end in a lone LF (RFC 9112 §2.2); around chunks it is an error.
  #sizeOctet(octet: number, at: number): number {
    if (++this.#line > sizeLineLimit) return this.#failAt("chunk-extension", at);
    if (this.#state === SIZE_LINE_FEED) {
      if (octet !== LF) return this.#failAt("bad-line-end", at);
      this.#endSize();
      return at + 1;
    }
    const digit = this.#state === SIZE ? hexDigit(octet) : -1;
    if (digit >= 0) {
      this.#digits++;
      this.#size = this.#size * 16 + digit;
      // 2^53 − 1: what adds up exactly, and more than any server can send.
      return this.#size > Number.MAX_SAFE_INTEGER ? this.#failAt("chunk-size", at) : at + 1;
    }
    if (this.#digits === 0) return this.#failAt("chunk-size", at);
    if (octet === CR) this.#state = SIZE_LINE_FEED;
    else if (this.#state === EXTENSION) {
      if (octet < SP && octet !== HTAB) return this.#failAt("chunk-extension", at);
    } else if (octet === SEMICOLON) this.#state = EXTENSION;
    else if (octet === SP || octet === HTAB) this.#state = AFTER_SIZE;
    else return this.#failAt("chunk-size", at);
    return at + 1;
  }

  #endSize(): void {
    if (this.#size > 0) this.#state = DATA;
    else {
      this.#state = TRAILERS;
      this.#head.beginTrailers();
    }
  }

  #dataEnd(octet: number, at: number): number {
    if (octet !== (this.#state === DATA_CARRIAGE_RETURN ? CR : LF)) return this.#failAt("chunk-end", at);
    if (this.#state === DATA_CARRIAGE_RETURN) this.#state = DATA_LINE_FEED;
    else this.#beginSize();
    return at + 1;
  }

  #beginSize(): void {
    this.#state = SIZE;
    this.#size = 0;
    this.#digits = 0;
    this.#line = 0;
  }

  #failAt(error: ResponseError, at: number): number {
    this.error = error;
    return at;
  }
}

function hexDigit(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const lower = octet | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}
