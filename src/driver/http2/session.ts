/**
 * One connection of HTTP/2, without its socket (RFC 9113): frames in, outcomes of requests out; what is to be sent goes
 * to the outbox. Hot path (`send`, `headers`, `dataEnd`): typed arrays by request number, no allocation, no closure.
 */

import type { FailureReason } from "../../result/load.ts";
import { FlowControl } from "./flow-control.ts";
import type { FlowOptions } from "./flow-control.ts";
import { FrameReader } from "./frame-reader.ts";
import type { FrameHandler } from "./frame-reader.ts";
import * as frames from "./frames.ts";
import type { ErrorName } from "./frames.ts";
import type { HpackDecoder } from "./hpack-decoder.ts";
import { ResponseHeads } from "./response-heads.ts";
import { readSettings } from "./settings.ts";

const none = -1;

/** Who is told what becomes of the requests of a connection. */
export interface SessionOwner {
  /** The server's first SETTINGS have come. */
  ready(): void;
  /** So many requests may be in flight from now on; 0 = this connection takes no more. */
  granted(requests: number): void;
  /** The number that the worker header of the first response says. */
  answeredBy(worker: number): void;
  completed(request: number, status: number): void;
  failed(request: number, reason: FailureReason): void;
  /** It takes no more requests, and none is left. */
  drained(): void;
  /** The server broke the protocol: all is lost but what the outbox has for it. */
  broken(error: ErrorName, detail: string): void;
}

export interface SessionOptions extends FlowOptions {
  readonly decoder: HpackDecoder;
  readonly preface: Buffer;
  /** The largest number a stream may have. */
  readonly lastStreamId: number;
  readonly owner: SessionOwner;
}

export class Session implements FrameHandler {
  /** The server's SETTINGS are known. */
  isReady = false;
  readonly #options: SessionOptions;
  readonly #reader: FrameReader;
  readonly #flow: FlowControl;
  readonly #heads: ResponseHeads;
  #nextId = 1;
  #inFlight = 0;
  /** A request that waits for a server which allows no stream at all. */
  #held = none;
  #allowsNone = false;
  #draining = false;
  #goawayLast = frames.largest31Bits;
  /** Streams that we reset: frames on streams that are no more may be theirs. */
  #resets = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#reader = new FrameReader(this);
    this.#flow = new FlowControl(options);
    this.#heads = new ResponseHeads(options.decoder);
    options.outbox.bytes(options.preface);
  }

  send(request: number): void {
    const { slot, streams, outbox, requests, kinds, uuids, lastStreamId } = this.#options;
    this.#inFlight++;
    if (this.#allowsNone) {
      this.#held = request;
      return;
    }
    const kind = requests[kinds[request]!]!;
    const template = this.#nextId === 1 ? kind.first : kind.next;
    if (kind.hasUuid) uuids.next();
    const id = streams.begin(slot, request, this.#nextId);
    this.#nextId = id + 2;
    outbox.request(template, id, uuids.text);
    this.#flow.begin(request);
    if (this.#nextId > lastStreamId - streams.mostSkipped) this.drain();
  }

  read(buffer: Buffer, start: number, end: number): void {
    this.#reader.execute(buffer, start, end);
  }

  /** Sends more of the bodies; whether there may be more still. */
  resume(): boolean {
    return this.#flow.resume();
  }

  /** Gives a request up and leaves the others unharmed; `settle` comes after its outcome is told. */
  cancel(request: number): void {
    if (request === this.#held) {
      this.#held = none;
      this.#inFlight--;
      return;
    }
    this.#resetStream(request, "CANCEL");
    this.#end(request);
  }

  settle(): void {
    if (this.#draining && this.#inFlight === 0 && !this.#reader.stopped) this.#options.owner.drained();
  }

  /** The connection is gone: nothing is read any more. The requests that were in flight. */
  close(): number[] {
    this.#reader.stopped = true;
    return this.#endAfter(none);
  }

  headers(streamId: number, endStream: boolean, buffer: Buffer, start: number, end: number): void {
    const { streams, requests, kinds, owner } = this.#options;
    const heads = this.#heads;
    const request = this.#find(streamId, true);
    if (request === none) return;
    if (streams.status[request] === 0) {
      const known = heads.firstKnown;
      const { isHead } = requests[kinds[request]!]!;
      streams.status[request] = heads.status(buffer, start, end, endStream);
      streams.contentLeft[request] = heads.content(streams.status[request]!, isHead);
      if (!known && heads.worker >= 0) owner.answeredBy(heads.worker);
    } else heads.trailers(buffer, start, end, endStream);
    if (heads.error !== null) this.broken(heads.error, heads.detail);
    else if (streams.contentLeft[request]! < 0) this.#malformed(request);
    else if (endStream) this.#complete(request);
  }

  data(streamId: number, octets: number, content: number): void {
    const request = this.#find(streamId, true);
    if (this.#reader.stopped) return;
    this.#flow.received(request, octets);
    if (request === none) return;
    const { status, contentLeft } = this.#options.streams;
    if (status[request] === 0) this.broken("PROTOCOL_ERROR", "content before the header of a response");
    else if ((contentLeft[request]! -= content) < 0) this.#malformed(request);
    else if (octets > 0) this.#reader.idleFrames = 0;
  }

  dataEnd(streamId: number): void {
    const request = this.#find(streamId, true);
    if (request !== none) this.#complete(request);
  }

  control(type: number, flags: number, streamId: number, buffer: Buffer, start: number, end: number): void {
    const { outbox } = this.#options;
    switch (type) {
      case frames.SETTINGS:
        if ((flags & frames.ACK) === 0) this.#settings(buffer, start, end);
        break;
      case frames.PING:
        if ((flags & frames.ACK) === 0) outbox.frame(frames.PING, frames.ACK, 0, buffer, start, end);
        break;
      case frames.WINDOW_UPDATE:
        this.#windowUpdate(streamId, buffer.readUInt32BE(start) & frames.largest31Bits);
        break;
      case frames.RST_STREAM:
        this.#reset(streamId, buffer.readUInt32BE(start));
        break;
      case frames.GOAWAY:
        this.#goaway(buffer.readUInt32BE(start) & frames.largest31Bits);
        break;
      default: // PRIORITY says nothing to a client, unknown types say nothing to anybody (RFC 9113 §5.5).
    }
  }

  broken(error: ErrorName, detail: string): void {
    const { outbox, owner } = this.#options;
    this.#reader.stopped = true;
    outbox.numbers(frames.GOAWAY, 0, 0, frames.errorCode(error));
    owner.broken(error, detail);
  }

  /** The request of a stream, −1 for one that is no more; what was never begun, or has `ended`, is an error. */
  #find(streamId: number, ended: boolean): number {
    const { streams, slot } = this.#options;
    const request = streams.find(slot, streamId);
    if (request !== none) return request;
    if (streamId % 2 === 0 || streamId >= this.#nextId)
      this.broken("PROTOCOL_ERROR", `a frame on stream ${streamId}, which is idle`);
    else if (ended && this.#resets === 0)
      this.broken("STREAM_CLOSED", `a frame on stream ${streamId}, which has ended`);
    return none;
  }

  /** RFC 9113 §8.1.1: content of another length than announced is an error of its stream alone. */
  #malformed(request: number): void {
    this.#reader.idleFrames = 0;
    this.#resetStream(request, "PROTOCOL_ERROR");
    this.#fail(request, "protocol");
  }

  #fail(request: number, reason: FailureReason): void {
    this.#end(request);
    this.#options.owner.failed(request, reason);
    this.settle();
  }

  #resetStream(request: number, error: ErrorName): void {
    const id = this.#options.streams.id[request]!;
    this.#options.outbox.numbers(frames.RST_STREAM, id, frames.errorCode(error));
    this.#resets++;
  }

  #complete(request: number): void {
    const { streams, owner } = this.#options;
    const left = streams.contentLeft[request]!;
    if (left > 0 && left !== Infinity) return this.#malformed(request);
    this.#reader.idleFrames = 0;
    // RFC 9113 §8.1: answered before it was asked wholly.
    if (streams.unsent[request]! > 0) this.#resetStream(request, "CANCEL");
    this.#end(request);
    owner.completed(request, streams.status[request]!);
    this.settle();
  }

  #end(request: number): void {
    const { streams, slot } = this.#options;
    this.#flow.end(request);
    streams.end(slot, request);
    this.#inFlight--;
  }

  #endAfter(lastStreamId: number): number[] {
    const ended = this.#options.streams.above(this.#options.slot, Math.max(0, lastStreamId));
    for (const request of ended) this.#end(request);
    if (this.#held !== none) {
      ended.push(this.#held);
      this.#held = none;
      this.#inFlight--;
    }
    return ended;
  }

  #settings(buffer: Buffer, start: number, end: number): void {
    const { outbox, owner } = this.#options;
    const settings = readSettings(buffer, start, end);
    if (settings.error !== null) return this.broken(settings.error, settings.detail);
    const { initialWindow, maxStreams } = settings;
    if (initialWindow !== null && !this.#flow.setInitialWindow(initialWindow))
      return this.broken("FLOW_CONTROL_ERROR", "SETTINGS make a window larger than 2^31 - 1");
    outbox.frame(frames.SETTINGS, frames.ACK, 0, buffer, start, start);
    if (maxStreams !== null) this.#allow(maxStreams);
    else if (!this.isReady) this.#allow(Infinity);
    if (!this.isReady) {
      this.isReady = true;
      owner.ready();
    }
    this.resume();
  }

  // A server that allows none gets one request all the same, which waits here and times out as any other does.
  #allow(maxStreams: number): void {
    this.#allowsNone = maxStreams === 0;
    if (!this.#draining) this.#options.owner.granted(Math.max(1, maxStreams));
    const held = this.#held;
    if (held === none || this.#allowsNone) return;
    this.#held = none;
    this.#inFlight--;
    this.send(held);
  }

  #windowUpdate(streamId: number, octets: number): void {
    const request = streamId === 0 ? none : this.#find(streamId, false);
    if (this.#reader.stopped || (streamId !== 0 && request === none)) return;
    if (octets === 0) this.broken("PROTOCOL_ERROR", "a WINDOW_UPDATE of nothing");
    else if (!this.#flow.enlarge(request, octets))
      this.broken("FLOW_CONTROL_ERROR", "a window larger than 2^31 - 1");
    else {
      const sent = this.#flow.sent;
      this.resume();
      if (this.#flow.sent > sent) this.#reader.idleFrames = 0;
    }
  }

  #reset(streamId: number, code: number): void {
    const request = this.#find(streamId, false);
    if (request === none) return;
    this.#fail(request, code === frames.errorCode("REFUSED_STREAM") ? "refused-stream" : "reset");
  }

  #goaway(lastStreamId: number): void {
    if (lastStreamId > this.#goawayLast)
      return this.broken("PROTOCOL_ERROR", "a GOAWAY that takes back an earlier one");
    this.#goawayLast = lastStreamId;
    this.drain();
    for (const request of this.#endAfter(lastStreamId)) this.#options.owner.failed(request, "goaway");
    this.settle();
  }

  /** Takes no more requests; `owner.drained` is told when those in flight have ended. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#options.owner.granted(0);
  }
}
