/**
 * HTTP/1.1 over net.Socket: one slot's connection, kept alive or opened for each request.
 * Hot path: request bytes built before the load, one reading buffer for all sockets of the thread, a parser that keeps nothing;
 * handlers are made once a slot and know the socket they are called on.
 */

import { connect } from "node:net";
import type { Socket, SocketConnectOpts } from "node:net";
import { monotonicUs } from "../../clock.ts";
import type { FailureReason } from "../../result/load.ts";
import type { Connection, ConnectionOptions } from "../connection.ts";
import { connectFailure } from "../connect-failure.ts";
import type { Lifetime } from "../lifetime.ts";
import { LentSocket } from "../lent-socket.ts";
import { hold, lend, occupy, recall } from "../lent-slots.ts";
import { aim, socketOptions } from "../socket-options.ts";
import type { SocketOptions } from "../socket-options.ts";
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
  readonly #connectOptions: SocketOptions;
  readonly #onConnect: (this: Socket) => void;
  readonly #onError: (this: Socket, error: NodeJS.ErrnoException) => void;
  readonly #onEnd: (this: Socket) => void;
  readonly #beforeClose: (socket: Socket) => void;
  #socket: Socket | null = null;
  #connected = false;
  #opening: NodeJS.Timeout | null = null;
  /** Requests until the connection is retired. */
  #left = Infinity;
  #row = -1;
  /** Which address is next: connections of all slots take them in turn. */
  #turn: number;
  #request = idle;

  constructor(slot: number, options: Http1Options) {
    this.#slot = slot;
    this.#turn = options.slotOf(slot);
    this.#options = options;
    this.#lifetime = options.lifetimeOf(slot);
    this.#parser = new ResponseParser({ workerHeader: options.workerHeader });
    const connection = this;
    this.#connectOptions = socketOptions(options, (count, buffer) => {
      this.#read(count, buffer);
      return true;
    });
    this.#onConnect = function () {
      if (this === connection.#socket) connection.#becameOpen();
    };
    this.#onError = function (error) {
      if (this === connection.#socket)
        connection.#lost(connectFailure(error, connection.#connected), error.message);
    };
    this.#onEnd = function () {
      if (this === connection.#socket) connection.#ended();
    };
    this.#beforeClose = (socket) => {
      if (socket === this.#socket) this.recall();
    };
  }

  get row(): number {
    return this.#row;
  }

  open(): void {
    this.#opening = setTimeout(
      () => this.#lost("connect-timeout", "the server did not accept in time"),
      this.#options.timeoutUs / 1e3,
    );
    this.#connect();
  }

  send(request: number): void {
    const { lent, requests, kinds } = this.#options;
    if (lent !== null) occupy(lent, this.#slot);
    const outgoing = requests[kinds[request]!]!;
    this.#expect(request, outgoing);
    if (this.#socket === null) this.#connect();
    outgoing.write(this.#socket!);
  }

  recall(): void {
    const { lent, owner, requests } = this.#options;
    const slot = this.#slot;
    if (lent === null || this.#request !== idle || !recall(lent, slot)) return;
    const outgoing = requests[0]!;
    this.#expect(owner.sent(slot, lent.dueUs[slot]!, lent.actedUs[slot]!), outgoing);
    outgoing.writeRest(this.#socket!, lent.written[slot]!);
  }

  abort(request: number, reason: "timeout" | "unfinished"): void {
    if (request === this.#request)
      this.#lost(reason === "timeout" && !this.#connected ? "connect-timeout" : reason, "");
  }

  close(): void {
    if (this.#opening !== null) clearTimeout(this.#opening);
    this.#drop();
  }

  #expect(request: number, { isHead, size }: OutgoingRequest): void {
    this.#request = request;
    this.#parser.expect(isHead);
    this.#options.bytes.sent += size;
  }

  #connect(): void {
    const { table, lent } = this.#options;
    this.#connected = false;
    const address = aim(this.#connectOptions, this.#options, this.#turn++);
    this.#row = table.begin(this.#slot, address, monotonicUs());
    this.#parser.reset();
    this.#left = this.#lifetime();
    const options = this.#connectOptions;
    const socket =
      lent === null
        ? connect(options)
        : new LentSocket(options, this.#beforeClose).connect(options as SocketConnectOpts);
    socket.once("connect", this.#onConnect);
    socket.once("error", this.#onError);
    socket.once("end", this.#onEnd);
    socket.once("close", this.#onEnd);
    this.#socket = socket;
  }

  #becameOpen(): void {
    const { table, keepalive, owner } = this.#options;
    this.#connected = true;
    table.connected(this.#row, monotonicUs());
    // getsockname costs a system call: worth it only where a mapping may ask for the port.
    if (keepalive) table.named(this.#row, this.#socket!.localAddress ?? "", this.#socket!.localPort ?? 0);
    if (this.#opening !== null) {
      clearTimeout(this.#opening);
      this.#opening = null;
      this.#lend();
      owner.opened(this.#slot);
    }
  }

  /** Lets the sender write the next request, where one may be written without us. */
  #lend(): void {
    const { lent } = this.#options;
    const socket = this.#socket;
    if (lent === null || this.#request !== idle || socket === null) return;
    // A server may answer before it has read all: the sender's octets would overtake what is left.
    const descriptor = socket instanceof LentSocket && socket.writableLength === 0 ? socket.descriptor : -1;
    if (descriptor >= 0) lend(lent, this.#slot, descriptor);
    else hold(lent, this.#slot);
  }

  #read(count: number, buffer: Buffer): void {
    const parser = this.#parser;
    this.#options.bytes.received += count;
    this.recall();
    if (this.#request === idle) {
      this.#drop();
      return;
    }
    const consumed = parser.execute(buffer, 0, count);
    if (parser.error !== null) this.#lost("protocol", parser.error);
    else if (parser.complete) this.#completed(consumed === count);
    this.#options.owner.readDone();
  }

  #completed(clean: boolean): void {
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
    owner.completed(request, parser.status, row);
    // Between requests, so that the next one finds it open; unless that was due already, and connects itself.
    if (retired && this.#socket === null) this.#connect();
    this.#lend();
  }

  /** The peer has closed its side: that ends a close-delimited body, and breaks off any other. */
  #ended(): void {
    this.recall();
    if (this.#request === idle) {
      this.#drop();
      return;
    }
    this.#parser.finish();
    if (this.#parser.complete) this.#completed(true);
    else
      this.#lost(
        this.#parser.error === null ? "closed-early" : "protocol",
        "closed before the response was whole",
      );
  }

  #lost(reason: FailureReason, message: string): void {
    const { owner } = this.#options;
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

  #drop(): void {
    const { lent } = this.#options;
    const socket = this.#socket;
    if (socket === null) return;
    this.recall();
    if (lent !== null) hold(lent, this.#slot);
    this.#socket = null;
    this.#options.table.closed(this.#row, monotonicUs());
    if (this.#options.linger0 && this.#connected) socket.resetAndDestroy();
    else socket.destroy();
  }
}
