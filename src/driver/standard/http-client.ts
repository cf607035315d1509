/**
 * undici's Client, as the standard client wants it: it connects only through us, keeps its connection as long as the
 * server does, waits for no clock of its own, and sends one request at a time on HTTP/1.1.
 */

import { Client } from "undici";
import type { Dispatcher } from "undici";

export type HttpClient = Client;
export type RequestOptions = Dispatcher.DispatchOptions;
export type ExchangeHandler = Dispatcher.DispatchHandler;
export type ExchangeController = Dispatcher.DispatchController;

/** What undici asks for a connection with, and how it is told of one. */
export type Connect = NonNullable<Extract<Client.Options["connect"], (...args: never[]) => unknown>>;
export type Connected = Parameters<Connect>[1];

/** setTimeout takes no more. */
const longestMs = 2 ** 31 - 1;
/** What the windows of HTTP/2 are, so that they do not bound what is measured. */
const windowSize = 1 << 24;

/** `streams` bounds the requests in flight of HTTP/2; the protocol is that of the socket that `connect` hands over. */
export function createClient(
  origin: string,
  { streams, connect }: { streams: number; connect: Connect },
): Client {
  return new Client(origin, {
    connect,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: longestMs,
    keepAliveMaxTimeout: longestMs,
    // A `keep-alive: timeout=5` of the server would have undici close earlier: the server shall do that itself.
    keepAliveTimeoutThreshold: -longestMs,
    h2Options: {
      maxConcurrentStreams: streams,
      pingInterval: 0,
      connectionWindowSize: windowSize,
    },
  });
}
