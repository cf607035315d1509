/**
 * The standard client: one slot's connection by undici, HTTP/1.1 or HTTP/2. It is the cross-check of the fast clients,
 * and does what they do not; it allocates for each request, as undici does.
 *
 * undici writes when it sees fit: on HTTP/1.1 a turn of the event loop after the last response, on HTTP/2 when the
 * server's SETTINGS allow another stream. Service time counts from the order to it.
 */

import { monotonicUs } from "../../clock.ts";
import type { ProxyPlan } from "../../plan/plan.ts";
import { proxyFor } from "../../plan/proxy-plan.ts";
import type { FailureReason } from "../../result/load.ts";
import type { Connection, ConnectionOptions } from "../connection.ts";
import { connectFailure, failureMessage, timeoutOf } from "../connect-failure.ts";
import type { Lifetime } from "../lifetime.ts";
import type { SocketOpener } from "../socket.ts";
import { Exchange, onlyConnecting } from "./exchange.ts";
import type { ExchangeOwner } from "./exchange.ts";
import { createClient, createOtherClient, withInterceptors } from "./http-client.ts";
import type {
  Connected,
  Dispatch,
  ExchangeHandler,
  HttpClient,
  OtherClient,
  OtherTls,
  RequestOptions,
} from "./http-client.ts";
import { Link } from "./link.ts";
import type { LinkOptions } from "./link.ts";
import { passedOn } from "./proxy.ts";
import { workerIn } from "../worker-header.ts";

/** A request with its origin. */
export type StandardRequest = RequestOptions & { readonly origin: string };

/** What all connections of a thread share. */
export interface StandardOptions extends ConnectionOptions, Omit<LinkOptions, "protocol"> {
  readonly protocol: "http/1.1" | "h2";
  readonly streams: number;
  readonly workerHeader: string;
  readonly followRedirects: boolean;
  readonly compression: boolean;
  readonly proxies: ProxyPlan | null;
  readonly tlsElsewhere: OtherTls | null;
  readonly origin: string;
  /** What to dispatch, for each kind of request. */
  readonly requests: readonly (() => StandardRequest)[];
}

export class StandardConnection implements Connection, ExchangeOwner {
  /** The latest connection; one that a GOAWAY retired may still finish what it has. */
  link: Link | null = null;
  readonly #slot: number;
  readonly #options: StandardOptions;
  readonly #sockets: SocketOpener;
  readonly #links = new Set<Link>();
  /** By place of the slot. */
  readonly #inFlight: (Exchange | null)[];
  #client: HttpClient | null = null;
  readonly #dispatch: Dispatch;
  /** Where redirects lead: other origins than the target's. */
  readonly #elsewhere = new Map<string, OtherClient>();
  #opening: NodeJS.Timeout | null = null;
  readonly #lifetime: Lifetime;
  /** Requests until the connection is retired. */
  #left = Infinity;
  /** All are sent, and no more is taken until the last of them has ended. */
  #spent = false;

  constructor(slot: number, options: StandardOptions) {
    this.#slot = slot;
    this.#options = options;
    this.#lifetime = options.lifetimeOf(slot);
    // A proxy is spoken to in plain text: TLS goes through its tunnel.
    this.#sockets = options.openSockets(options.route === null ? options : { ...options, tls: null }, slot);
    this.#dispatch = withInterceptors(options, (request, handler) => this.#route(request, handler));
    this.#inFlight = Array<Exchange | null>(options.streams).fill(null);
  }

  get row(): number {
    return this.link?.row ?? -1;
  }

  open(): void {
    this.#opening = setTimeout(() => this.#discard(), this.#options.timeoutUs / 1e3);
    this.#ask(onlyConnecting((error) => this.#opened(error)));
  }

  send(request: number): void {
    const { requests, kinds, owner } = this.#options;
    const exchange = new Exchange(request, this);
    // It may connect at once, and that draws a new lifetime for those in flight and this one.
    this.#dispatch(requests[kinds[request]!]!(), exchange);
    this.#inFlight[this.#placeOf(request)] = exchange;
    if (--this.#left > 0) return;
    this.#spent = true;
    owner.granted(this.#slot, 0);
  }

  /** HTTP/2 resets the request's stream where the server was ever heard; otherwise only closing the connection ends it. */
  abort(request: number, reason: "timeout" | "unfinished"): void {
    const exchange = this.#inFlight[this.#placeOf(request)];
    if (exchange === null || exchange === undefined) return;
    if (exchange.reason !== null) return this.#settle(exchange, reason);
    const { protocol, keepalive } = this.#options;
    if (protocol === "h2" && keepalive && this.link?.answered === true) {
      exchange.giveUp();
      this.#settle(exchange, reason);
    } else this.#lost(reason === "timeout" ? timeoutOf(this.link?.phase ?? "connecting").reason : reason);
  }

  close(): void {
    if (this.#opening !== null) clearTimeout(this.#opening);
    this.#opening = null;
    this.#discard();
  }

  answered(link: Link, headers: Readonly<Record<string, unknown>>): void {
    if (link.answered) return;
    link.answered = true;
    const { table, workerHeader } = this.#options;
    const worker = workerIn(headers[workerHeader]);
    if (worker >= 0) table.answeredBy(link.row, worker);
  }

  completed({ request, link }: Exchange, status: number): void {
    const { owner, keepalive } = this.#options;
    this.#inFlight[this.#placeOf(request)] = null;
    if (keepalive) link?.count();
    else link?.close();
    owner.completed(request, status, link?.row ?? -1);
    this.#renew();
    owner.readDone();
  }

  failed(exchange: Exchange): void {
    if (!this.#options.keepalive) exchange.link?.close();
    queueMicrotask(() => this.#settle(exchange, "unfinished"));
  }

  handshakeFailed(why: string): void {
    this.#options.table.handshakeFailed(why);
  }

  redirected({ request }: Exchange): void {
    this.#options.owner.redirected(request);
  }

  /** Tells the end of an exchange that failed by itself, or was given up for that `reason`. */
  #settle(exchange: Exchange, reason: FailureReason): void {
    const { request, link } = exchange;
    if (this.#inFlight[this.#placeOf(request)] !== exchange) return;
    this.#inFlight[this.#placeOf(request)] = null;
    this.#options.owner.failed(request, exchange.reason ?? reason, link?.row ?? this.row);
    this.#renew();
  }

  /** When all that a connection was to serve has ended, the next takes its place at once. */
  #renew(): void {
    if (!this.#spent || this.#inFlight.some((exchange) => exchange !== null)) return;
    const { table } = this.#options;
    if (this.link?.isUp === true) table.retired(this.link.row);
    this.#leave();
    this.#spent = false;
    this.#ask(onlyConnecting(() => {}));
    this.#takeMore();
  }

  #takeMore(): void {
    this.#spent = false;
    this.#options.owner.granted(this.#slot, this.#options.streams);
  }

  #ask(connecting: ExchangeHandler): void {
    this.#target().dispatch(this.#options.requests[0]!(), connecting);
  }

  #target(): HttpClient {
    const { origin, streams } = this.#options;
    this.#client ??= createClient(origin, {
      streams,
      connect: (_, connected) => this.#connect(connected),
    });
    return this.#client;
  }

  /** To the target, or to where a redirect leads. */
  #route(request: RequestOptions, handler: ExchangeHandler): boolean {
    const { origin, route } = this.#options;
    if (request.origin !== origin) return this.#clientOf(String(request.origin)).dispatch(request, handler);
    const asked = route === null || route.tunnels ? request : passedOn(request, route);
    return this.#target().dispatch(asked, handler);
  }

  #clientOf(origin: string): OtherClient {
    const { streams, protocol, proxies, tlsElsewhere: tls } = this.#options;
    let client = this.#elsewhere.get(origin);
    if (client === undefined) {
      client = createOtherClient(origin, { streams, protocol, tls, proxy: proxyFor(origin, proxies) });
      this.#elsewhere.set(origin, client);
    }
    return client;
  }

  #connect(connected: Connected): void {
    const { table } = this.#options;
    const link = new Link(
      table.begin(this.#slot, this.#sockets.aim(), monotonicUs()),
      this.#sockets.open(),
      this.#options,
      (error, socket) => {
        if (socket === null) this.#links.delete(link);
        connected(...([error, socket] as Parameters<Connected>));
      },
    );
    this.link = link;
    this.#links.add(link);
    this.#left = this.#lifetime() - this.#inFlight.filter((exchange) => exchange?.link === null).length;
    // What was the last request of a connection may be the first of this one: undici found that the server had closed that.
    if (this.#spent && this.#left > 0) this.#takeMore();
  }

  #opened(error: Error): void {
    if (this.#opening === null) return;
    clearTimeout(this.#opening);
    this.#opening = null;
    const { owner } = this.#options;
    const phase = this.link?.phase ?? "connecting";
    if (phase === "open") owner.opened(this.#slot);
    else owner.openFailed(this.#slot, connectFailure(error, phase), failureMessage(error));
  }

  #placeOf(request: number): number {
    return request % this.#options.streams;
  }

  /** Ends all that is in flight, with the connection. The next request sent connects anew. */
  #lost(reason: FailureReason): void {
    const lost = this.#inFlight.filter((exchange) => exchange !== null);
    for (const exchange of lost) {
      exchange.link ??= this.link;
      exchange.giveUp();
    }
    this.#discard();
    for (const exchange of lost) this.#settle(exchange, reason);
  }

  /** Leaves undici's clients with all they have, so that nothing is connected again for what nobody wants. */
  #discard(): void {
    this.#leave();
    for (const client of this.#elsewhere.values()) client.destroy(new Error("closed"), () => {});
    this.#elsewhere.clear();
  }

  #leave(): void {
    for (const link of this.#links) link.close();
    this.#links.clear();
    this.#client?.destroy(new Error("closed"), () => {});
    this.#client = null;
  }
}
