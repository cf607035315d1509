/**
 * Where a response of HTTP/1.1 ends (RFC 9112 §4–§7), read incrementally. It keeps the status and counts the rest.
 * Hot path, run for every request: no allocation, no strings, no closures; states are numbers.
 */

import { ChunkedBody } from "./chunked.ts";
import { Framing } from "./framing.ts";
import { HeadParser } from "./head-parser.ts";
import type { ResponseError } from "./response-error.ts";

const IDLE = 0;
const HEAD = 1;
const LENGTH = 2;
const CHUNKED = 3;
const UNTIL_CLOSE = 4;

/**
 * Reads the responses of one connection, one at a time.
 *
 * @example
 * parser.expect(false);
 * let at = 0;
 * at += parser.execute(buffer, at, received); // again with the next bytes until `complete` or `error`
 */
export class ResponseParser {
  /** The response expected is whole. */
  complete = false;
  /** Any byte of the response has arrived. */
  started = false;
  /** Of the final response; 0 before it. Interim responses (1xx) are skipped. */
  status = 0;
  /** The connection may be used for another request. */
  keepAlive = false;
  error: ResponseError | null = null;
  /** The number at the end of the worker header's value; −1 = not seen on this connection. */
  worker = -1;
  /** Content received, without the framing of chunks. */
  bodyBytes = 0;

  readonly #framing: Framing;
  readonly #head: HeadParser;
  readonly #chunked: ChunkedBody;
  #state = IDLE;
  #headRequest = false;
  #remaining = 0;

  constructor({ workerHeader }: { workerHeader: string }) {
    this.#framing = new Framing(workerHeader);
    this.#head = new HeadParser(this.#framing);
    this.#chunked = new ChunkedBody(this.#head);
  }

  /** Before a new connection, whose worker is not known yet. What is expected stays. */
  reset(): void {
    this.worker = -1;
    this.#framing.worker = -1;
  }

  /** Before each request. `head`: its method is HEAD, so no body follows whatever the header says. */
  expect(head: boolean): void {
    this.complete = false;
    this.started = false;
    this.status = 0;
    this.keepAlive = false;
    this.error = null;
    this.bodyBytes = 0;
    this.#headRequest = head;
    this.#state = HEAD;
    this.#head.reset();
  }

  /**
   * Reads bytes `[start, end)` and returns how many it consumed: it stops right after a complete response, or where
   * an error is. Bytes when no response is expected are the error `unexpected-bytes`.
   */
  execute(buffer: Buffer, start: number, end: number): number {
    if (start >= end || this.error !== null) return 0;
    if (this.#state === IDLE) return this.#fail("unexpected-bytes");
    this.started = true;
    let at = start;
    while (at < end && this.#state !== IDLE && this.error === null) {
      if (this.#state === HEAD) at = this.#readHead(buffer, at, end);
      else if (this.#state === CHUNKED) at = this.#readChunked(buffer, at, end);
      else at = this.#skipBody(at, end);
    }
    return at - start;
  }

  /** The peer closed: completes a body that only the close ends. Anything else is left as it is, not complete. */
  finish(): void {
    if (this.#state === UNTIL_CLOSE && this.error === null) this.#finishResponse();
  }

  #readHead(buffer: Buffer, start: number, end: number): number {
    const head = this.#head;
    const at = head.execute(buffer, start, end);
    if (head.error !== null) this.#fail(head.error);
    else if (head.done) this.#beginBody();
    return at;
  }

  #readChunked(buffer: Buffer, start: number, end: number): number {
    const chunked = this.#chunked;
    const at = chunked.execute(buffer, start, end);
    this.bodyBytes = chunked.octets;
    if (chunked.error !== null) this.#fail(chunked.error);
    else if (chunked.done) this.#finishResponse();
    return at;
  }

  #skipBody(start: number, end: number): number {
    const taken = this.#state === LENGTH ? Math.min(end - start, this.#remaining) : end - start;
    this.bodyBytes += taken;
    if (this.#state === LENGTH) {
      this.#remaining -= taken;
      if (this.#remaining === 0) this.#finishResponse();
    }
    return start + taken;
  }

  // The cases of RFC 9112 §6.3, in its order.
  #beginBody(): void {
    const { status, minor } = this.#head;
    const framing = this.#framing;
    this.worker = framing.worker;
    if (status < 200) {
      // We never ask for an upgrade, and nothing after one would be HTTP/1.1.
      if (status === 101) this.#fail("unexpected-upgrade");
      else this.#head.next();
      return;
    }
    this.status = status;
    this.keepAlive = !framing.close && (minor > 0 || framing.keepAlive);
    // Both lengths, or a transfer coding in HTTP/1.0: perhaps smuggled, so the connection ends here (RFC 9112 §6.1).
    if (framing.transferEncoding && (framing.contentLength >= 0 || minor === 0)) this.keepAlive = false;
    if (this.#headRequest || status === 204 || status === 304) this.#finishResponse();
    else if (framing.chunked) {
      this.#chunked.reset();
      this.#state = CHUNKED;
    } else if (framing.transferEncoding || framing.contentLength < 0) {
      this.keepAlive = false;
      this.#state = UNTIL_CLOSE;
    } else if (framing.contentLength === 0) this.#finishResponse();
    else {
      this.#remaining = framing.contentLength;
      this.#state = LENGTH;
    }
  }

  #finishResponse(): void {
    this.complete = true;
    this.#state = IDLE;
  }

  #fail(error: ResponseError): number {
    this.error = error;
    this.keepAlive = false;
    return 0;
  }
}
