/**
 * What the header blocks of a connection say. Hot path (`status`): the octets of a block are read whole until the first
 * response is known; later ones only to their status, where the first octet is an index of a static `:status`. No table
 * is kept, so that no later block depends on them.
 */

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

  readonly #decoder: HpackDecoder;

  constructor(decoder: HpackDecoder) {
    this.#decoder = decoder;
  }

  /** The status of a final response's block; 0 for an interim one, or where `error` says what is wrong. */
  status(buffer: Buffer, start: number, end: number, endStream: boolean): number {
    if (this.firstKnown && start < end) {
      const status = staticStatuses[buffer[start]! - 0x80 - firstStatusIndex];
      if (status !== undefined) return status;
    }
    if (!this.#decode(buffer, start, end, false)) return 0;
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
