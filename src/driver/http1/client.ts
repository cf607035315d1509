/**
 * HTTP/1.1 over net.Socket: one slot's connection, kept alive or opened for each request.
 * Hot path: request bytes built before the load, one reading buffer for all sockets of the thread, a parser that keeps nothing;
 * handlers are made once a slot and know the socket they are called on.
 */

import type { Socket } from "node:net";
import { monotonicUs } from "../../clock.ts";
import type { FailureReason } from "../../result/load.ts";
import type { Connection, ConnectionOptions } from "../connection.ts";
import { connectFailure, failureMessage, timeoutOf } from "../connect-failure.ts";
import type { Phase } from "../connect-failure.ts";
import { LentSocket } from "../lent-socket.ts";
import { hold, lend, occupy, recall } from "../lent-slots.ts";
import type { Lifetime } from "../lifetime.ts";
import { SlotReading } from "../slot-reading.ts";
import { handle } from "../socket.ts";
import type { SocketHandlers, SocketOpener } from "../socket.ts";
import { closeSocket, noteConnected, noteSecured } from "../milestones.ts";
import type { OutgoingRequest } from "./outgoing-request.ts";
import { ResponseParser } from "./response-parser.ts";

/** What all connections of a thread share. */
export interface Http1Options extends ConnectionOptions {
  readonly requests: readonly OutgoingRequest[];
  readonly workerHeader: string;
}

const idle = -1;

export class Http1Connection implements Connection {
  readonly #slot: number;
  readonly #options: Http1Options;
  readonly #parser: ResponseParser;
  readonly #lifetime: Lifetime;
  readonly #sockets: SocketOpener;
  readonly #handlers: SocketHandlers;
  /** `null` where the sender does not read. */
  readonly #reading: SlotReading | null;
  #socket: Socket | null = null;
  #phase: Phase = "connecting";
  #opening: NodeJS.Timeout | null = null;
  /** Requests until the connection is retired. */
  #left = Infinity;
  /** The present request was written by the sender. */
  #bySender = false;
  #row = -1;
  #request = idle;

  constructor(slot: number, options: Http1Options) {
    this.#slot = slot;
    this.#options = options;
    this.#lifetime = options.lifetimeOf(slot);
    this.#reading = options.readings === null ? null : new SlotReading(options.readings, slot);
    this.#parser = new ResponseParser({ workerHeader: options.workerHeader });
    const connection = this;
    this.#sockets = options.openSockets(options, slot, {
      read: (count, buffer) => {
        // Before the parser, whose code is cold after a sleep: what it takes is not the server's doing.
        this.deliver(buffer, 0, count, monotonicUs());
        this.#options.owner.readDone();
      },
      beforeClose: (socket) => {
        if (socket === this.#socket) this.#takeBack();
      },
    });
    this.#handlers = {
      connect() {
        if (this === connection.#socket) connection.#connected();
      },
      secureConnect() {
        if (this === connection.#socket) connection.#secured();
      },
      error(error) {
        if (this === connection.#socket)
          connection.#lost(connectFailure(error, connection.#phase), failureMessage(error));
      },
      end() {
        if (this === connection.#socket) connection.#ended();
      },
    };
  }

  get row(): number {
    return this.#row;
  }

  open(): void {
    this.#opening = setTimeout(() => this.#expired(), this.#options.timeoutUs / 1e3);
    this.#connect();
  }

  send(request: number): void {
    const { lent, requests, kinds } = this.#options;
    if (lent !== null) occupy(lent, this.#slot);
    this.#bySender = false;
    const outgoing = requests[kinds[request]!]!;
    this.#expect(request, outgoing);
    if (this.#socket === null) this.#connect();
    else if (this.#phase === "open") this.#write(outgoing);
  }

  recall(): void {
    const { lent, owner, bytes, requests } = this.#options;
    const slot = this.#slot;
    if (lent === null || this.#request !== idle || !recall(lent, slot)) return;
    this.#bySender = true;
    const outgoing = requests[0]!;
    this.#expect(owner.sent(slot, lent.dueUs[slot]!, lent.actedUs[slot]!), outgoing);
    bytes.sent += outgoing.size;
    outgoing.writeRest(this.#socket!, lent.written[slot]!);
  }

  takeBackReading(): void {
    if (this.#socket !== null) this.#reading?.takeBack(this.#socket);
  }

  abort(request: number, reason: "timeout" | "unfinished"): void {
    if (request !== this.#request) return;
    if (reason === "timeout") this.#expired();
    else this.#lost(reason, "");
  }

  close(): void {
    if (this.#opening !== null) clearTimeout(this.#opening);
    this.#opening = null;
    this.#drop();
  }

  #write(outgoing: OutgoingRequest): void {
    this.#options.bytes.sent += outgoing.size;
    outgoing.write(this.#socket!);
  }

  #expired(): void {
    const { reason, message } = timeoutOf(this.#phase);
    this.#lost(reason, message);
  }

  #expect(request: number, { isHead }: OutgoingRequest): void {
    this.#request = request;
    this.#reading?.expect();
    this.#parser.expect(isHead);
  }

  #connect(): void {
    const { table } = this.#options;
    this.#phase = "connecting";
    this.#row = table.begin(this.#slot, this.#sockets.aim(), monotonicUs());
    this.#parser.reset();
    this.#left = this.#lifetime();
    this.#socket = this.#sockets.open();
    handle(this.#socket, this.#handlers);
  }

  #connected(): void {
    noteConnected(this.#socket!, this.#row, this.#options);
    if (this.#options.tls === null) this.#becameOpen();
    else this.#phase = "handshake";
  }

  #secured(): void {
    const { table } = this.#options;
    const problem = noteSecured(this.#socket!, this.#row, { table, protocol: "http/1.1" });
    if (problem === null) this.#becameOpen();
    else this.#lost("tls", problem);
  }

  #becameOpen(): void {
    this.#phase = "open";
    if (this.#opening !== null) {
      clearTimeout(this.#opening);
      this.#opening = null;
      this.#lend();
      this.#options.owner.opened(this.#slot);
    }
    if (this.#request === idle) return;
    const { requests, kinds } = this.#options;
    this.#write(requests[kinds[this.#request]!]!);
  }

  /** Lets the sender write the next request, where one may be written without us. */
  #lend(): void {
    const { lent } = this.#options;
    const socket = this.#socket;
    if (lent === null || this.#request !== idle || socket === null) return;
    // A server may answer before it has read all: the sender's octets would overtake what is left.
    const descriptor = socket instanceof LentSocket && socket.writableLength === 0 ? socket.descriptor : -1;
    if (descriptor >= 0) {
      // It may read as well what it writes in time.
      if (this.#bySender) this.#reading?.lend(socket, descriptor);
      lend(lent, this.#slot, descriptor);
    } else hold(lent, this.#slot);
  }

  deliver(buffer: Buffer, start: number, count: number, receivedUs: number): void {
    const parser = this.#parser;
    this.#options.bytes.received += count;
    this.recall();
    if (this.#request === idle) {
      this.#drop();
      return;
    }
    if (count === 0) {
      // The socket sees the end, or the reason, and tells.
      this.takeBackReading();
      return;
    }
    this.#reading?.received(count);
    const consumed = parser.execute(buffer, start, start + count);
    if (parser.error !== null) this.#lost("protocol", parser.error);
    else if (parser.complete) this.#completed(consumed === count, receivedUs);
  }

  #completed(clean: boolean, atUs: number): void {
    const { owner, table, keepalive } = this.#options;
    const parser = this.#parser;
    const request = this.#request;
    const row = this.#row;
    this.#request = idle;
    if (parser.worker >= 0) table.answeredBy(row, parser.worker);
    // Bytes beyond the response belong to no request: the connection cannot be trusted with another one.
    const stays = keepalive && parser.keepAlive && clean;
    const retired = stays && --this.#left === 0;
    if (retired) table.retired(row);
    if (retired || !stays) this.#drop();
    owner.completed(request, parser.status, row, atUs);
    // Between requests, so that the next one finds it open; unless that was due already, and connects itself.
    if (retired && this.#socket === null) this.#connect();
    this.#lend();
  }

  /** The peer has closed its side: that ends a close-delimited body, and breaks off any other. */
  #ended(): void {
    if (this.#phase === "handshake") {
      this.#lost("tls", "the server closed the connection during the handshake");
      return;
    }
    this.recall();
    if (this.#request === idle) {
      this.#drop();
      return;
    }
    this.#parser.finish();
    if (this.#parser.complete) {
      this.#reading?.endedByClose();
      this.#completed(true, monotonicUs());
    } else
      this.#lost(
        this.#parser.error === null ? "closed-early" : "protocol",
        "closed before the response was whole",
      );
  }

  #lost(reason: FailureReason, message: string): void {
    const { owner, table } = this.#options;
    if (reason === "tls") table.handshakeFailed(message || reason);
    const request = this.#request;
    const row = this.#row;
    this.#request = idle;
    this.#drop();
    if (this.#opening !== null) {
      clearTimeout(this.#opening);
      this.#opening = null;
      owner.openFailed(this.#slot, reason, message);
    }
    if (request !== idle) owner.failed(request, reason, row);
  }

  /** Nobody else writes to the socket or reads from it any more. */
  #takeBack(): void {
    this.recall();
    this.#reading?.end();
  }

  #drop(): void {
    const { lent } = this.#options;
    const socket = this.#socket;
    if (socket === null) return;
    this.#takeBack();
    if (lent !== null) hold(lent, this.#slot);
    this.#socket = null;
    this.#options.table.closed(this.#row, monotonicUs());
    closeSocket(socket, this.#phase, this.#options.linger0);
  }
}
