/**
 * The head of a response: status line and field lines up to the empty one; also the trailers of a chunked body.
 * Hot path: one pass over the octets in tight loops, states are numbers, nothing is allocated per response.
 */

import type { Framing } from "./framing.ts";
import type { ResponseError } from "./response-error.ts";
import { tokenLower } from "./token-lower.ts";

// Octets are named here and not imported: V8 folds a constant of the file, an import it loads each time (1.4 × as slow).
const HTAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const ZERO = 0x30;
const COLON = 0x3a;
const lowerOf = tokenLower;

/** What a line is; more than these is a field of interest, as `Framing.classify` says. */
const START_LINE = -1;
const OTHER_FIELD = 0;

/** Octets of all heads of one response, interim ones included; of its trailers once more. */
const headLimit = 64 * 1024;

const STATUS = 0;
const AFTER_STATUS = 1;
const LINE_START = 2;
const NAME = 3;
const VALUE = 4;
const LINE_FEED = 5;
const LAST_LINE_FEED = 6;

const versionPrefix = Buffer.from("HTTP/1.");
const statusLineLength = "HTTP/1.1 200".length;

export class HeadParser {
  status = 0;
  /** x of HTTP/1.x. */
  minor = 0;
  /** The empty line was read. */
  done = false;
  error: ResponseError | null = null;

  readonly #framing: Framing;
  #state = STATUS;
  /** Octets of the status line up to the status. */
  #offset = 0;
  #octets = 0;
  #field = START_LINE;
  #trailers = false;
  /** Start of a name whose rest is in the next buffer; made when first needed. */
  #carry: Uint8Array | null = null;
  #carried = 0;

  constructor(framing: Framing) {
    this.#framing = framing;
  }

  /** Before the first head of a response. */
  reset(): void {
    this.error = null;
    this.#octets = 0;
    this.next();
  }

  /** Before the head that follows an interim one: the limit counts on, so that these have an end too. */
  next(): void {
    this.#framing.reset();
    this.#begin(STATUS);
    this.#trailers = false;
    this.#field = START_LINE;
    this.status = 0;
    this.#offset = 0;
  }

  /** Before trailers. They are checked and skipped: they may not change the framing (RFC 9110 §6.5.1). */
  beginTrailers(): void {
    this.#begin(LINE_START);
    this.#trailers = true;
    this.#field = START_LINE;
    this.#octets = 0;
  }

  /** Reads `[start, end)`; returns the position after the last octet read: `end`, or earlier when done or in error. */
  execute(buffer: Buffer, start: number, end: number): number {
    const room = headLimit - this.#octets;
    const stop = end - start > room ? start + room : end;
    let at = start;
    if (this.#state <= AFTER_STATUS) at = this.#readStatus(buffer, at, stop);
    if (at < stop && this.error === null) at = this.#readLines(buffer, at, stop);
    this.#octets += at - start;
    if (this.#octets >= headLimit && !this.done) this.#fail("header-too-large");
    return at;
  }

  // RFC 9112 §4. A higher minor version is read as 1.1 (RFC 9110 §2.5); the space before an empty reason may be missing.
  #readStatus(buffer: Buffer, start: number, end: number): number {
    let at = start;
    let offset = this.#offset;
    while (at < end && offset < statusLineLength) {
      const octet = buffer[at]!;
      const digit = octet - ZERO;
      const isDigit = digit >= 0 && digit <= 9;
      if (offset < versionPrefix.length) {
        if (octet !== versionPrefix[offset]) return this.#failAt("bad-status-line", at);
      } else if (offset === versionPrefix.length) {
        if (!isDigit) return this.#failAt("bad-status-line", at);
        this.minor = digit;
      } else if (offset === versionPrefix.length + 1) {
        if (octet !== SP) return this.#failAt("bad-status-line", at);
      } else {
        if (!isDigit) return this.#failAt("bad-status-line", at);
        this.status = this.status * 10 + digit;
      }
      offset++;
      at++;
    }
    this.#offset = offset;
    if (at === end) return at;
    const octet = buffer[at]!;
    if (octet !== SP && octet !== CR && octet !== LF) return this.#failAt("bad-status-line", at);
    if (this.status < 100 || this.status > 599) return this.#failAt("bad-status", at);
    this.#state = VALUE;
    return at;
  }

  #readLines(buffer: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && !this.done && this.error === null) {
      const state = this.#state;
      if (state === VALUE) at = this.#readValue(buffer, at, end);
      else if (state === LINE_START) at = this.#beginLine(buffer[at]!, at);
      else if (state === NAME) at = this.#readName(buffer, at, end);
      else if (buffer[at] !== LF) return this.#failAt("bad-line-end", at);
      else {
        at++;
        if (state === LINE_FEED) this.#state = LINE_START;
        else this.done = true;
      }
    }
    return at;
  }

  #beginLine(octet: number, at: number): number {
    if (octet === SP || octet === HTAB) {
      // White space after the status line is no folding: RFC 9112 §2.2 has it rejected.
      if (this.#field === START_LINE) return this.#failAt("bad-header-name", at);
      // RFC 9112 §5.2: a user agent reads a folded line as if it went on after a space.
      this.#state = VALUE;
      return at;
    }
    if (this.#field > OTHER_FIELD && !this.#endField()) return at;
    if (octet === CR) {
      this.#state = LAST_LINE_FEED;
      return at + 1;
    }
    if (octet === LF) {
      this.done = true;
      return at + 1;
    }
    this.#state = NAME;
    return at;
  }

  #readName(buffer: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && lowerOf[buffer[at]!] !== 0) at++;
    if (at === end) {
      this.#carryName(buffer, start, at);
      return at;
    }
    if (buffer[at] !== COLON || (at === start && this.#carried === 0))
      return this.#failAt("bad-header-name", at);
    let field = OTHER_FIELD;
    if (this.#carried > 0) {
      this.#carryName(buffer, start, at);
      field = this.#framing.classify(this.#carry!, 0, this.#carried);
      this.#carried = 0;
    } else field = this.#framing.classify(buffer, start, at);
    this.#field = this.#trailers ? OTHER_FIELD : field;
    if (this.#field > OTHER_FIELD) this.#framing.begin(this.#field);
    this.#state = VALUE;
    return at + 1;
  }

  /** Keeps as much of a name as any name of interest has; `#carried` counts all of it, so that a longer one is none. */
  #carryName(buffer: Buffer, start: number, end: number): void {
    this.#carry ??= new Uint8Array(this.#framing.longestName);
    for (let at = start; at < end; at++) {
      if (this.#carried < this.#carry.length) this.#carry[this.#carried] = buffer[at]!;
      this.#carried++;
    }
  }

  #readValue(buffer: Buffer, start: number, end: number): number {
    let at = start;
    if (this.#field > OTHER_FIELD) {
      const framing = this.#framing;
      while (at < end && framing.error === null && isValueOctet(buffer[at]!)) framing.octet(buffer[at++]!);
      if (framing.error !== null) return this.#failAt(framing.error, at);
    } else while (at < end && isValueOctet(buffer[at]!)) at++;
    if (at === end) return at;
    // A lone LF ends a line too (RFC 9112 §2.2 allows it: servers written by hand do that); a lone CR does not.
    if (buffer[at] === LF) this.#state = LINE_START;
    else if (buffer[at] === CR) this.#state = LINE_FEED;
    else return this.#failAt("bad-header-value", at);
    return at + 1;
  }

  #endField(): boolean {
    this.#framing.end();
    this.#field = OTHER_FIELD;
    if (this.#framing.error !== null) this.#fail(this.#framing.error);
    return this.#framing.error === null;
  }

  #begin(state: number): void {
    this.#state = state;
    this.#carried = 0;
    this.done = false;
  }

  #failAt(error: ResponseError, at: number): number {
    this.#fail(error);
    return at;
  }

  #fail(error: ResponseError): void {
    this.error ??= error;
  }
}

const isValueOctet = (octet: number): boolean => octet >= SP || octet === HTAB;
