/**
 * undici's Client, as the standard client wants it: it connects only through us, keeps its connection as long as the
 * server does, waits for no clock of its own, and sends one request at a time on HTTP/1.1.
 */

import { Client, interceptors } from "undici";
import type { Dispatcher } from "undici";

export type HttpClient = Client;
export type RequestOptions = Dispatcher.DispatchOptions;
export type ExchangeHandler = Dispatcher.DispatchHandler;
export type ExchangeController = Dispatcher.DispatchController;
export type Dispatch = (request: RequestOptions, handler: ExchangeHandler) => boolean;

/** Where a request has been already, the target's URL first; none unless redirects are followed. */
export type ExchangeContext = { readonly history?: readonly URL[] } | null | undefined;

/** What undici asks for a connection with, and how it is told of one. */
export type Connect = NonNullable<Extract<Client.Options["connect"], (...args: never[]) => unknown>>;
export type Connected = Parameters<Connect>[1];

/** setTimeout takes no more. */
const longestMs = 2 ** 31 - 1;
/** What the windows of HTTP/2 are, so that they do not bound what is measured. */
const windowSize = 1 << 24;

/** Fortio's limit, and Go's. */
const mostRedirects = 10;

/**
 * `streams` bounds the requests in flight of HTTP/2. With `connect` the protocol is that of the socket that it hands over;
 * without it undici connects by itself.
 */
export function createClient(
  origin: string,
  { streams, protocol, connect }: { streams: number; protocol: "http/1.1" | "h2"; connect?: Connect },
): Client {
  return new Client(origin, {
    ...(connect === undefined ? {} : { connect }),
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: longestMs,
    keepAliveMaxTimeout: longestMs,
    // A `keep-alive: timeout=5` of the server would have undici close earlier: the server shall do that itself.
    keepAliveTimeoutThreshold: -longestMs,
    allowH2: protocol === "h2",
    h2Options: {
      useH2c: protocol === "h2",
      maxConcurrentStreams: streams,
      pingInterval: 0,
      connectionWindowSize: windowSize,
    },
  });
}

/** Puts before `dispatch` what follows redirects and decodes bodies. */
export function withInterceptors(
  { followRedirects, compression }: { followRedirects: boolean; compression: boolean },
  dispatch: Dispatch,
): Dispatch {
  const decoding = compression ? quietly(() => interceptors.decompress())(dispatch) : dispatch;
  if (!followRedirects) return decoding;
  return interceptors.redirect({ maxRedirections: mostRedirects, throwOnMaxRedirect: true })(decoding);
}

/** undici says on stderr, where progress is shown, that its decoding is experimental. */
function quietly<T>(make: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return make();
  } finally {
    process.emitWarning = emitWarning;
  }
}
