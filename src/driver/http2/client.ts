/**
 * HTTP/2 over net.Socket: one slot's connection, with several requests in flight, kept alive or opened for each request.
 * Hot path: frames collect in the outbox while reading and go out in one write at its end; handlers are made once a slot
 * and know the socket they are called on. A session of its own for each socket: what an old one still does changes nothing.
 */

import type { Socket } from "node:net";
import { monotonicUs } from "../../clock.ts";
import type { FailureReason } from "../../result/load.ts";
import type { Connection } from "../connection.ts";
import { connectFailure, failureMessage, timeoutOf } from "../connect-failure.ts";
import type { Phase } from "../connect-failure.ts";
import type { Lifetime } from "../lifetime.ts";
import { handle } from "../socket.ts";
import type { SocketHandlers, SocketOpener } from "../socket.ts";
import { closeSocket, noteConnected, noteSecured } from "../milestones.ts";
import type { ErrorName } from "./frames.ts";
import type { Http2Options } from "./options.ts";
import { Session } from "./session.ts";
import type { SessionOptions, SessionOwner } from "./session.ts";

/** Requests in flight until the server has said how many it takes (RFC 9113 §6.5.2: no smaller than 100). */
const firstGrant = 100;

export class Http2Connection implements Connection, SessionOwner {
  readonly #slot: number;
  readonly #options: Http2Options;
  readonly #sessionOptions: SessionOptions;
  readonly #lifetime: Lifetime;
  readonly #sockets: SocketOpener;
  readonly #handlers: SocketHandlers;
  readonly #onDrain: (this: Socket) => void;
  #socket: Socket | null = null;
  #session: Session | null = null;
  #phase: Phase = "connecting";
  /** What is to be sent as soon as the connection is open. */
  readonly #held: Buffer[] = [];
  #opening: NodeJS.Timeout | null = null;
  /** What is to be sent waits for the end of what we are in. */
  #collecting = false;
  /** Requests until the connection is retired. */
  #left = Infinity;
  #row = -1;
  #granted: number;
  /** What the server's last SETTINGS allow, also the first guess for its next connection. */
  #allowed = firstGrant;

  constructor(slot: number, options: Http2Options) {
    this.#slot = slot;
    this.#options = options;
    this.#lifetime = options.lifetimeOf(slot);
    this.#granted = options.streams.perConnection;
    this.#grant(firstGrant);
    const connection = this;
    this.#sessionOptions = { ...options, slot, owner: this };
    this.#sockets = options.openSockets(options, slot, {
      read: (count, buffer) => this.#read(count, buffer),
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
    this.#onDrain = function () {
      if (this === connection.#socket) connection.#flush();
    };
  }

  get row(): number {
    return this.#row;
  }

  /** It is open once the server has said its SETTINGS: then it is known to speak HTTP/2, and how many requests it takes. */
  open(): void {
    this.#opening = setTimeout(() => this.#expiredOpening(), this.#options.timeoutUs / 1e3);
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
    if (this.#phase !== "open" || !session.isReady || !this.#options.keepalive) {
      if (reason === "timeout") this.#expired();
      else this.#lost(reason, "");
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
    this.#opening = null;
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
    this.#phase = "connecting";
    this.#row = table.begin(this.#slot, this.#sockets.aim(), monotonicUs());
    outbox.clear();
    this.#left = this.#lifetime();
    this.#session = new Session(this.#sessionOptions);
    const socket = this.#sockets.open();
    handle(socket, this.#handlers);
    socket.on("drain", this.#onDrain);
    this.#socket = socket;
  }

  #connected(): void {
    noteConnected(this.#socket!, this.#row, this.#options);
    if (this.#options.tls === null) this.#becameOpen();
    else this.#phase = "handshake";
  }

  #secured(): void {
    const { table } = this.#options;
    const problem = noteSecured(this.#socket!, this.#row, { table, protocol: "h2" });
    if (problem === null) this.#becameOpen();
    else this.#lost("tls", problem);
  }

  #becameOpen(): void {
    this.#phase = "open";
    for (const octets of this.#held.splice(0)) {
      this.#options.bytes.sent += octets.length;
      this.#socket!.write(octets);
    }
  }

  #ended(): void {
    if (this.#phase === "handshake")
      this.#lost("tls", "the server closed the connection during the handshake");
    else this.#lost("closed-early", "closed before its SETTINGS came");
  }

  #expiredOpening(): void {
    if (this.#phase === "open") this.#lost("connect-timeout", "the server said no SETTINGS of HTTP/2");
    else this.#expired();
  }

  #expired(): void {
    const { reason, message } = timeoutOf(this.#phase);
    this.#lost(reason, message);
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

  /** Before the connection is open it is kept: nothing goes to a server that is not yet known to be the right one. */
  #write(socket: Socket): void {
    const { outbox, bytes, tls } = this.#options;
    if (outbox.used === 0) return;
    if (this.#phase !== "open") {
      this.#held.push(outbox.take());
      return;
    }
    bytes.sent += outbox.used;
    // A socket of TLS is always still at its last write.
    if (tls === null) outbox.flush(socket);
    else socket.write(outbox.take());
  }

  #lost(reason: FailureReason, message: string): void {
    const { owner, table } = this.#options;
    const row = this.#row;
    if (reason === "tls") table.handshakeFailed(message || reason);
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
    this.#held.length = 0;
    table.closed(this.#row, monotonicUs());
    closeSocket(socket, this.#phase, linger0);
    this.#grant(this.#allowed);
    return requests;
  }
}
