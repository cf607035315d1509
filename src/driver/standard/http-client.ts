/**
 * undici's Client, as the standard client wants it: it connects only through us, keeps its connection as long as the
 * server does, waits for no clock of its own, and sends one request at a time on HTTP/1.1.
 */

import type { SecureContext } from "node:tls";
import { Client, ProxyAgent, interceptors } from "undici";
import type { Dispatcher } from "undici";
import type { TlsTrust } from "../tls-client.ts";

export type HttpClient = Client;
export type OtherClient = Client | ProxyAgent;
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

type Protocol = "http/1.1" | "h2";

/** For the target. `streams` bounds the requests in flight of HTTP/2; the protocol is that of the socket that `connect` hands over. */
export function createClient(
  origin: string,
  { streams, connect }: { streams: number; connect: Connect },
): HttpClient {
  return new Client(origin, { ...patient(streams), connect });
}

/** Whom other origins are trusted by, in a context that a thread makes once. */
export type OtherTls = TlsTrust & { readonly context: SecureContext };

interface OtherOptions {
  readonly streams: number;
  readonly protocol: Protocol;
  readonly tls: OtherTls | null;
  readonly proxy: string | null;
}

/** For where redirects lead: undici connects by itself, through the proxy where one is given, and verifies the host's own name. */
export function createOtherClient(
  origin: string,
  { streams, protocol, tls, proxy }: OtherOptions,
): OtherClient {
  const { h2Options, ...options } = patient(streams);
  const allowH2 = protocol === "h2";
  const connect = tls === null ? {} : { secureContext: tls.context, rejectUnauthorized: !tls.insecure };
  const maxCachedSessions = tls?.resume === true ? 1 : 0;
  return proxy === null
    ? new Client(origin, {
        ...options,
        allowH2,
        h2Options: { ...h2Options, useH2c: allowH2 },
        maxCachedSessions,
        connect,
      })
    : new ProxyAgent({
        ...options,
        allowH2,
        uri: proxy,
        proxyTunnel: false,
        maxCachedSessions,
        requestTls: connect,
      });
}

const patient = (streams: number) => ({
  pipelining: 1,
  headersTimeout: 0,
  bodyTimeout: 0,
  keepAliveTimeout: longestMs,
  keepAliveMaxTimeout: longestMs,
  // A `keep-alive: timeout=5` of the server would have undici close earlier: the server shall do that itself.
  keepAliveTimeoutThreshold: -longestMs,
  h2Options: { maxConcurrentStreams: streams, pingInterval: 0, connectionWindowSize: windowSize },
});

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
