/**
 * What the header blocks of a connection say. Hot path (`status`): a block is decoded whole until the first response is
 * known; later ones, where the first octet is an index of a static `:status`, only for their content-length. No table is
 * kept, so that no later block depends on them.
 */

import { brokenBlock, contentLengthOf } from "./content-length.ts";
import type { ErrorName } from "./frames.ts";
import type { HpackDecoder } from "./hpack-decoder.ts";
import { firstStatusIndex, staticStatuses } from "./static-table.ts";

export class ResponseHeads {
  error: ErrorName | null = null;
  /** What is wrong, in words. */
  detail = "";
  /** The number that the worker header of the first response says, −1 without one. */
  worker = -1;
  /** A final response has come. */
  firstKnown = false;

  #contentLength = Infinity;
  readonly #decoder: HpackDecoder;

  constructor(decoder: HpackDecoder) {
    this.#decoder = decoder;
  }

  /** The status of a final response's block; 0 for an interim one, or where `error` says what is wrong. */
  status(buffer: Buffer, start: number, end: number, endStream: boolean): number {
    if (this.firstKnown && start < end) {
      const status = staticStatuses[buffer[start]! - 0x80 - firstStatusIndex];
      if (status !== undefined) {
        this.#contentLength = contentLengthOf(buffer, start, end);
        if (this.#contentLength !== brokenBlock) return status;
      }
    }
    if (!this.#decode(buffer, start, end, false)) return 0;
    this.#contentLength = contentLengthOf(buffer, start, end);
    const { status, worker } = this.#decoder;
    if (status < 200) {
      // RFC 9113 §8.1, §8.6: interim responses do not end a stream, and there is no upgrade.
      if (endStream || status === 101) this.#fail(`an interim response ${status} that ends or upgrades`);
      return 0;
    }
    if (!this.firstKnown) this.worker = worker;
    this.firstKnown = true;
    return status;
  }

  /**
   * Octets of content that follow the block of a `status`: Infinity = any number, negative where it says no length.
   * RFC 9110 §6.4.1: to HEAD, and with 204 and 304, none follow, whatever is said of them.
   */
  content(status: number, isHead: boolean): number {
    if (status === 0) return Infinity;
    return isHead || status === 204 || status === 304 ? 0 : this.#contentLength;
  }

  /** A block after the content: legal trailers end their stream. */
  trailers(buffer: Buffer, start: number, end: number, endStream: boolean): void {
    if (this.#decode(buffer, start, end, true) && !endStream)
      this.#fail("trailers that do not end their stream");
  }

  #decode(buffer: Buffer, start: number, end: number, trailers: boolean): boolean {
    this.#decoder.decode(buffer, start, end, trailers);
    this.error = this.#decoder.error;
    this.detail = this.#decoder.detail;
    return this.error === null;
  }

  #fail(detail: string): void {
    this.error = "PROTOCOL_ERROR";
    this.detail = detail;
  }
}
