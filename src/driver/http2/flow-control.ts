/**
 * Flow control of one connection (RFC 9113 §5.2, §6.9): windows enlarged for what we receive, and bodies sent as far as
 * the server's windows go. Hot path (`received`): counting only, until half a window is used up.
 */

import { DATA, END_STREAM, WINDOW_UPDATE, defaultWindow, frameSizeLimit, largest31Bits } from "./frames.ts";
import { uuidLength } from "../uuid.ts";
import type { UuidSource } from "../uuid.ts";
import type { Outbox } from "./outbox.ts";
import type { Http2Request } from "./request.ts";
import type { StreamTable } from "./stream-table.ts";

const enlargeAfter = 2 ** 30;

/** Octets of bodies collected before a write. */
const writeSize = 64 * 1024;

export interface FlowOptions {
  readonly slot: number;
  readonly streams: StreamTable;
  readonly outbox: Outbox;
  readonly requests: readonly Http2Request[];
  /** By request number, which of them it is. */
  readonly kinds: Uint8Array;
  readonly uuids: UuidSource;
  /** By request number, the UUID of the request in flight; empty where no body has any. */
  readonly bodyUuids: Buffer;
}

export class FlowControl {
  /** Octets of bodies sent. */
  sent = 0;
  readonly #options: FlowOptions;
  #received = 0;
  #window = defaultWindow;
  #initialWindow = defaultWindow;
  /** Streams whose body is not sent whole. */
  #unsent = 0;

  constructor(options: FlowOptions) {
    this.#options = options;
  }

  /** Content for a stream in flight, or (`request` −1) for one that is no more. */
  received(request: number, octets: number): void {
    const { streams, outbox } = this.#options;
    this.#received += octets;
    if (this.#received >= enlargeAfter) {
      outbox.numbers(WINDOW_UPDATE, 0, this.#received);
      this.#received = 0;
    }
    if (request < 0) return;
    const received = streams.received[request]! + octets;
    streams.received[request] = received;
    if (received >= enlargeAfter) {
      outbox.numbers(WINDOW_UPDATE, streams.id[request]!, received);
      streams.received[request] = 0;
    }
  }

  /** A request's header is written: sends as much of its body as may be sent. */
  begin(request: number): void {
    const { streams, requests, kinds, uuids, bodyUuids } = this.#options;
    const { body, bodyUuidAt } = requests[kinds[request]!]!;
    streams.window[request] = this.#initialWindow;
    if (body === null) return;
    if (bodyUuidAt.length > 0) uuids.put(bodyUuids, request * uuidLength);
    streams.unsent[request] = body.length;
    this.#unsent++;
    this.#send(request);
  }

  /** A stream ends, perhaps before its body was sent whole. */
  end(request: number): void {
    if (this.#options.streams.unsent[request]! > 0) this.#unsent--;
  }

  /** WINDOW_UPDATE of the connection (`request` −1) or a stream; false where the window grows too large. */
  enlarge(request: number, octets: number): boolean {
    const { streams } = this.#options;
    if (request < 0) {
      this.#window += octets;
      return this.#window <= largest31Bits;
    }
    streams.window[request]! += octets;
    return streams.window[request]! <= largest31Bits;
  }

  /** The server's SETTINGS_INITIAL_WINDOW_SIZE, which changes the streams in flight too (RFC 9113 §6.9.2). */
  setInitialWindow(octets: number): boolean {
    const { streams, slot } = this.#options;
    const change = octets - this.#initialWindow;
    this.#initialWindow = octets;
    let fits = true;
    for (
      let request = slot * streams.perConnection;
      request < (slot + 1) * streams.perConnection;
      request++
    ) {
      if (streams.id[request] === 0) continue;
      streams.window[request]! += change;
      if (streams.window[request]! > largest31Bits) fits = false;
    }
    return fits;
  }

  /** Sends what the windows now allow, up to one write's worth. Whether there may be more. */
  resume(): boolean {
    const { streams, slot, outbox } = this.#options;
    const end = (slot + 1) * streams.perConnection;
    for (let request = slot * streams.perConnection; this.#unsent > 0 && request < end; request++)
      if (streams.unsent[request]! > 0) this.#send(request);
    return this.#unsent > 0 && outbox.used >= writeSize;
  }

  #send(request: number): void {
    const { streams, outbox, requests, kinds } = this.#options;
    const { body, bodyUuidAt } = requests[kinds[request]!]!;
    let unsent = streams.unsent[request]!;
    while (unsent > 0 && outbox.used < writeSize) {
      const octets = Math.min(unsent, frameSizeLimit, streams.window[request]!, this.#window);
      if (octets <= 0) break;
      const start = body!.length - unsent;
      const flags = octets === unsent ? END_STREAM : 0;
      outbox.frame(DATA, flags, streams.id[request]!, body!, start, start + octets);
      if (bodyUuidAt.length > 0) this.#putUuids(request, bodyUuidAt, start, start + octets);
      unsent -= octets;
      streams.window[request]! -= octets;
      this.#window -= octets;
      this.sent += octets;
    }
    streams.unsent[request] = unsent;
    if (unsent === 0) this.#unsent--;
  }

  /** Into the frame that was just written with `[start, end)` of the body; the frame may cut a UUID in two. */
  #putUuids(request: number, places: readonly number[], start: number, end: number): void {
    const { outbox, bodyUuids } = this.#options;
    const uuid = request * uuidLength;
    for (let i = 0; i < places.length; i++) {
      const from = Math.max(start, places[i]!);
      const to = Math.min(end, places[i]! + uuidLength);
      if (from < to) outbox.replace(end - from, bodyUuids, uuid + from - places[i]!, uuid + to - places[i]!);
    }
  }
}
