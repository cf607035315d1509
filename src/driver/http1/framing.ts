/**
 * The header fields that say where a response ends and whether its connection stays, read octet by octet.
 * Hot path: no allocation per response, so values are never made strings and every state is a number.
 */

import { workerLimit } from "../worker-header.ts";
import type { ResponseError } from "./response-error.ts";
import { tokenLower } from "./token-lower.ts";

// Named here and not imported, for the reason given in head-parser.ts.
const HTAB = 0x09;
const SP = 0x20;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const lowerOf = tokenLower;

/** What a field is to the framing; 0 is nothing. */
const OTHER_FIELD = 0;
const CONTENT_LENGTH = 1;
const TRANSFER_ENCODING = 2;
const CONNECTION = 3;
const WORKER = 4;

const contentLengthName = Buffer.from("content-length");
const transferEncodingName = Buffer.from("transfer-encoding");
const connectionName = Buffer.from("connection");
const chunkedToken = Buffer.from("chunked");
const closeToken = Buffer.from("close");
const keepAliveToken = Buffer.from("keep-alive");

/** Values of the fields of one head. `begin` a field, feed `octet`s with white space as it comes, `end` it. */
export class Framing {
  /** −1 = absent. */
  contentLength = -1;
  transferEncoding = false;
  /** The last transfer coding is `chunked`. */
  chunked = false;
  close = false;
  keepAlive = false;
  /** Stays once seen: a connection belongs to one worker for life. */
  worker = -1;
  error: ResponseError | null = null;

  readonly #workerName: Buffer;
  #field = OTHER_FIELD;
  /** Of the list element being read: its octets, the number they make, the token they must be. */
  #length = 0;
  #number = 0;
  #token = closeToken;
  #matches = true;
  /** White space came after octets of the element. */
  #gap = false;
  #elements = 0;
  #everChunked = false;

  constructor(workerHeader: string) {
    this.#workerName = Buffer.from(workerHeader, "latin1");
  }

  /** Longest field name of interest. */
  get longestName(): number {
    return Math.max(transferEncodingName.length, this.#workerName.length);
  }

  /** Before each head. */
  reset(): void {
    this.contentLength = -1;
    this.transferEncoding = false;
    this.chunked = false;
    this.close = false;
    this.keepAlive = false;
    this.error = null;
    this.#everChunked = false;
  }

  /** Which field the name in `[from, to)` is, 0 = none of interest. Ordinary names fall out by length or first octet. */
  classify(octets: Uint8Array, from: number, to: number): number {
    const length = to - from;
    if (length === 14 && isName(octets, from, contentLengthName)) return CONTENT_LENGTH;
    if (length === 17 && isName(octets, from, transferEncodingName)) return TRANSFER_ENCODING;
    if (length === 10 && isName(octets, from, connectionName)) return CONNECTION;
    if (this.worker < 0 && length === this.#workerName.length && isName(octets, from, this.#workerName))
      return WORKER;
    return OTHER_FIELD;
  }

  begin(field: number): void {
    this.#field = field;
    this.#elements = 0;
    if (field === TRANSFER_ENCODING) this.transferEncoding = true;
    this.#beginElement();
  }

  octet(octet: number): void {
    if (octet === SP || octet === HTAB) this.#gap = this.#length > 0;
    else if (this.#field === WORKER) this.#workerOctet(octet);
    else if (octet === COMMA) this.#endElement();
    else if (this.#field === CONTENT_LENGTH) this.#numberOctet(octet);
    else this.#tokenOctet(octet);
  }

  end(): void {
    if (this.#field === WORKER) {
      if (this.#length > 0 && this.#number < workerLimit) this.worker = this.#number;
      return;
    }
    this.#endElement();
    if (this.#field === CONTENT_LENGTH && this.#elements === 0) this.#fail("content-length-invalid");
  }

  #beginElement(): void {
    this.#length = 0;
    this.#number = 0;
    this.#matches = true;
    this.#gap = false;
  }

  // RFC 9112 §6.3 (5): the same number several times, as a list or as lines, counts as one; anything else is an
  // unrecoverable error.
  #endElement(): void {
    if (this.#length > 0) {
      this.#elements++;
      if (this.#field === CONTENT_LENGTH) this.#endNumber();
      else this.#endToken(this.#matches && this.#length === this.#token.length);
    }
    this.#beginElement();
  }

  #endNumber(): void {
    if (this.contentLength >= 0 && this.contentLength !== this.#number) this.#fail("content-length-twice");
    this.contentLength = this.#number;
  }

  #endToken(matched: boolean): void {
    if (this.#field === CONNECTION) {
      if (matched && this.#token === closeToken) this.close = true;
      else if (matched) this.keepAlive = true;
      return;
    }
    // RFC 9112 §6.1: chunked must not be applied twice; what is not chunked at last ends with the connection.
    if (matched && this.#everChunked) this.#fail("transfer-encoding-invalid");
    this.chunked = matched;
    this.#everChunked ||= matched;
  }

  #numberOctet(octet: number): void {
    const digit = octet - ZERO;
    if (digit < 0 || digit > 9 || this.#gap) {
      this.#fail(
        octet === MINUS && this.#length === 0 ? "content-length-negative" : "content-length-invalid",
      );
      return;
    }
    this.#length++;
    this.#number = this.#number * 10 + digit;
    if (this.#number > Number.MAX_SAFE_INTEGER) this.#fail("content-length-too-large");
  }

  #tokenOctet(octet: number): void {
    const lower = lowerOf[octet]!;
    // `chunked` has no parameters, no registered coding does (RFC 9112 §7.1): better refused than misread.
    if (this.#field === TRANSFER_ENCODING && (lower === 0 || this.#gap))
      this.#fail("transfer-encoding-invalid");
    if (this.#length === 0)
      this.#token =
        this.#field === TRANSFER_ENCODING
          ? chunkedToken
          : lower === keepAliveToken[0]
            ? keepAliveToken
            : closeToken;
    if (this.#gap || lower !== this.#token[this.#length]) this.#matches = false;
    this.#length++;
  }

  #workerOctet(octet: number): void {
    const digit = octet - ZERO;
    const isDigit = digit >= 0 && digit <= 9;
    if (!isDigit || this.#gap) this.#beginElement();
    if (!isDigit) return;
    this.#length++;
    if (this.#number < workerLimit) this.#number = this.#number * 10 + digit;
  }

  #fail(error: ResponseError): void {
    this.error ??= error;
  }
}

function isName(octets: Uint8Array, from: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (lowerOf[octets[from + i]!] !== name[i]) return false;
  return true;
}
