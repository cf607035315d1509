/**
 * HTTP/2 over net.Socket: one slot's connection, with several requests in flight, kept alive or opened for each request.
 * Hot path: frames collect in the outbox while reading and go out in one write at its end; handlers are made once a slot
 * and know the socket they are called on. A session of its own for each socket: what an old one still does changes nothing.
 */

import { connect } from "node:net";
import type { Socket } from "node:net";
import { monotonicUs } from "../../clock.ts";
import type { FailureReason } from "../../result/load.ts";
import type { Connection, ConnectionOptions } from "../connection.ts";
import { connectFailure } from "../connect-failure.ts";
import type { Lifetime } from "../lifetime.ts";
import { aim, socketOptions } from "../socket-options.ts";
import type { SocketOptions } from "../socket-options.ts";
import { uuidLength } from "../uuid.ts";
import type { UuidSource } from "../uuid.ts";
import type { WireRequest } from "../wire-requests.ts";
import { connectionPreface, largest31Bits } from "./frames.ts";
import type { ErrorName } from "./frames.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import { Outbox } from "./outbox.ts";
import { http2Request } from "./request.ts";
import { Session } from "./session.ts";
import type { SessionOptions, SessionOwner } from "./session.ts";
import { StreamTable } from "./stream-table.ts";

/** What all connections of a thread share. */
export interface Http2Options extends ConnectionOptions, Omit<SessionOptions, "slot" | "owner"> {
  readonly owner: ConnectionOptions["owner"];
}

/** For all connections of a thread. */
export function http2Options(
  shared: ConnectionOptions,
  request: {
    readonly requests: readonly WireRequest[];
    readonly uuids: UuidSource;
    readonly slots: number;
    readonly streams: number;
    readonly workerHeader: string;
  },
): Http2Options {
  const { requests, uuids, slots, streams, workerHeader } = request;
  const bodiesHaveUuids = requests.some(({ bodyUuidAt }) => bodyUuidAt.length > 0);
  return {
    ...shared,
    requests: requests.map(http2Request),
    uuids,
    bodyUuids: Buffer.alloc(bodiesHaveUuids ? slots * streams * uuidLength : 0),
    preface: connectionPreface(),
    streams: new StreamTable(slots, streams),
    outbox: new Outbox(),
    decoder: new HpackDecoder(workerHeader),
    lastStreamId: largest31Bits,
  };
}

/** Requests in flight until the server has said how many it takes (RFC 9113 §6.5.2: no smaller than 100). */
const firstGrant = 100;

export class Http2Connection implements Connection, SessionOwner {
  readonly #slot: number;
  readonly #options: Http2Options;
  readonly #sessionOptions: SessionOptions;
  readonly #lifetime: Lifetime;
  readonly #connectOptions: SocketOptions;
  readonly #onConnect: (this: Socket) => void;
  readonly #onError: (this: Socket, error: NodeJS.ErrnoException) => void;
  readonly #onEnd: (this: Socket) => void;
  readonly #onDrain: (this: Socket) => void;
  #socket: Socket | null = null;
  #session: Session | null = null;
  #connected = false;
  #opening: NodeJS.Timeout | null = null;
  /** What is to be sent waits for the end of what we are in. */
  #collecting = false;
  /** Requests until the connection is retired. */
  #left = Infinity;
  #row = -1;
  /** Which address is next: connections of all slots take them in turn. */
  #turn: number;
  #granted: number;
  /** What the server's last SETTINGS allow, also the first guess for its next connection. */
  #allowed = firstGrant;

  constructor(slot: number, options: Http2Options) {
    this.#slot = slot;
    this.#turn = options.slotOf(slot);
    this.#options = options;
    this.#lifetime = options.lifetimeOf(slot);
    this.#granted = options.streams.perConnection;
    this.#grant(firstGrant);
    const connection = this;
    this.#sessionOptions = { ...options, slot, owner: this };
    this.#connectOptions = socketOptions(options, (count, buffer) => {
      this.#read(count, buffer);
      return true;
    });
    this.#onConnect = function () {
      if (this === connection.#socket) connection.#becameConnected();
    };
    this.#onError = function (error) {
      if (this === connection.#socket)
        connection.#lost(connectFailure(error, connection.#connected), error.message);
    };
    this.#onEnd = function () {
      if (this === connection.#socket) connection.#lost("closed-early", "closed before its SETTINGS came");
    };
    this.#onDrain = function () {
      if (this === connection.#socket) connection.#flush();
    };
  }

  get row(): number {
    return this.#row;
  }

  /** It is open once the server has said its SETTINGS: then it is known to speak HTTP/2, and how many requests it takes. */
  open(): void {
    this.#opening = setTimeout(
      () => this.#lost("connect-timeout", "the server said no SETTINGS of HTTP/2"),
      this.#options.timeoutUs / 1e3,
    );
    this.#connect();
    this.#flush();
  }

  send(request: number): void {
    if (this.#session === null) this.#connect();
    this.#session!.send(request);
    if (--this.#left === 0) this.#session!.drain();
    if (!this.#collecting) this.#flush();
  }

  /** Resets the request's stream; where nothing was ever heard of the server, it closes the connection. */
  abort(request: number, reason: "timeout" | "unfinished"): void {
    const session = this.#session;
    if (session === null) return;
    if (!this.#connected || !session.isReady || !this.#options.keepalive) {
      this.#lost(reason === "timeout" && !this.#connected ? "connect-timeout" : reason, "");
      return;
    }
    this.#collecting = true;
    session.cancel(request);
    this.failed(request, reason);
    session.settle();
    this.#collecting = false;
    this.#flush();
  }

  close(): void {
    if (this.#opening !== null) clearTimeout(this.#opening);
    this.#drop();
  }

  ready(): void {
    if (this.#opening === null) return;
    clearTimeout(this.#opening);
    this.#opening = null;
    this.#options.owner.opened(this.#slot);
  }

  granted(requests: number): void {
    if (requests > 0) this.#allowed = requests;
    this.#grant(requests);
  }

  answeredBy(worker: number): void {
    this.#options.table.answeredBy(this.#row, worker);
  }

  completed(request: number, status: number): void {
    const row = this.#row;
    if (!this.#options.keepalive) this.#drop();
    this.#options.owner.completed(request, status, row);
  }

  failed(request: number, reason: FailureReason): void {
    const row = this.#row;
    if (!this.#options.keepalive) this.#drop();
    this.#options.owner.failed(request, reason, row);
  }

  drained(): void {
    const retired = this.#left <= 0;
    if (retired) this.#options.table.retired(this.#row);
    this.#drop();
    // Between requests, so that the next one finds it open; unless that was due already, and connects itself.
    if (retired && this.#session === null) this.#connect();
  }

  broken(error: ErrorName, detail: string): void {
    this.#write(this.#socket!);
    this.#lost("protocol", `${error}: ${detail}`);
  }

  #grant(requests: number): void {
    const { owner, streams } = this.#options;
    const granted = Math.min(requests, streams.perConnection);
    if (granted === this.#granted) return;
    this.#granted = granted;
    owner.granted(this.#slot, granted);
  }

  #connect(): void {
    const { table, outbox } = this.#options;
    this.#connected = false;
    const address = aim(this.#connectOptions, this.#options, this.#turn++);
    this.#row = table.begin(this.#slot, address, monotonicUs());
    outbox.clear();
    this.#left = this.#lifetime();
    this.#session = new Session(this.#sessionOptions);
    const socket = connect(this.#connectOptions);
    socket.once("connect", this.#onConnect);
    socket.once("error", this.#onError);
    socket.once("end", this.#onEnd);
    socket.once("close", this.#onEnd);
    socket.on("drain", this.#onDrain);
    this.#socket = socket;
  }

  #becameConnected(): void {
    const { table, keepalive } = this.#options;
    this.#connected = true;
    table.connected(this.#row, monotonicUs());
    // getsockname costs a system call: worth it only where a mapping may ask for the port.
    if (keepalive) table.named(this.#row, this.#socket!.localAddress ?? "", this.#socket!.localPort ?? 0);
  }

  #read(count: number, buffer: Buffer): void {
    this.#options.bytes.received += count;
    if (this.#session === null) return;
    this.#collecting = true;
    this.#session.read(buffer, 0, count);
    this.#collecting = false;
    this.#flush();
    this.#options.owner.readDone();
  }

  #flush(): void {
    const socket = this.#socket;
    if (socket === null) return;
    let more = true;
    while (more) {
      more = !socket.writableNeedDrain && this.#session!.resume();
      this.#write(socket);
    }
  }

  #write(socket: Socket): void {
    const { outbox, bytes } = this.#options;
    bytes.sent += outbox.used;
    outbox.flush(socket);
  }

  #lost(reason: FailureReason, message: string): void {
    const { owner } = this.#options;
    const row = this.#row;
    const requests = this.#drop();
    if (this.#opening !== null) {
      clearTimeout(this.#opening);
      this.#opening = null;
      owner.openFailed(this.#slot, reason, message);
    }
    for (const request of requests) owner.failed(request, reason, row);
  }

  /** Leaves socket and session; the requests that were in flight. The next one sent connects anew. */
  #drop(): number[] {
    const { table, linger0, outbox } = this.#options;
    const socket = this.#socket;
    if (socket === null) return [];
    const requests = this.#session!.close();
    this.#socket = null;
    this.#session = null;
    outbox.clear();
    table.closed(this.#row, monotonicUs());
    if (linger0 && this.#connected) socket.resetAndDestroy();
    else socket.destroy();
    this.#grant(this.#allowed);
    return requests;
  }
}
