/** TLS as a client, for all connections of a thread: one context, made once; a session for each slot where they resume. */

import { checkServerIdentity, connect, createSecureContext, TLSSocket } from "node:tls";
import type { ConnectionOptions, SecureContext } from "node:tls";
import type { Socket } from "node:net";
import { contextOptions } from "./credentials.ts";
import type { Credentials } from "./credentials.ts";
import type { SocketOptions } from "./socket.ts";

/** Whom to trust and who to be, wherever TLS is spoken. Plain values, as a thread is given them. */
export interface TlsTrust extends Credentials {
  readonly insecure: boolean;
  readonly resume: boolean;
}

/** The same for the target. */
export interface TlsSettings extends TlsTrust {
  /** Who the server must be: a host name, or an IP address. */
  readonly name: string;
  /** What SNI asks for; none for an IP address (RFC 6066 §3). */
  readonly serverName: string | null;
  /** The one protocol that ALPN offers. */
  readonly protocol: "http/1.1" | "h2";
}

export interface TlsClient extends TlsSettings {
  readonly context: SecureContext;
  readonly identity: ServerIdentity;
}

export function createTlsClient(settings: TlsSettings): TlsClient {
  return {
    ...settings,
    context: secureContext(settings),
    identity: new ServerIdentity(settings.name),
  };
}

/** What connections of TLS share; it takes milliseconds to make. */
export const secureContext = (trust: TlsTrust): SecureContext => createSecureContext(contextOptions(trust));

/** Opens a slot's sockets over TLS, to wherever `tcp` says at the moment. */
export function tlsOpener(client: TlsClient, tcp: SocketOptions): () => Socket {
  // One object with those of TCP, so that what is changed there counts here.
  const options = Object.assign(tcp as ConnectionOptions, tlsOptions(client));
  if (!client.resume) return () => open(options);
  // The last ticket of the slot, which is a client of its own.
  const onSession = (session: Buffer): void => void (options.session = session);
  return () => open(options).on("session", onSession);
}

/** TLS over a socket that is connected already, such as through a tunnel. */
export function secure(client: TlsClient, socket: Socket): Socket {
  return open({ ...tlsOptions(client), socket });
}

function tlsOptions({ context, insecure, serverName, protocol, identity }: TlsClient): ConnectionOptions {
  return {
    secureContext: context,
    rejectUnauthorized: !insecure,
    ALPNProtocols: [protocol],
    // Node hands over what getPeerCertificate gave it.
    checkServerIdentity: (_: string, socket: unknown) =>
      insecure ? undefined : identity.check(socket as TLSSocket),
    ...(serverName === null ? {} : { servername: serverName }),
  };
}

const open = (options: ConnectionOptions): TLSSocket =>
  Object.assign(connect(options), { getPeerCertificate: itself });

/** Before each check Node would turn the certificate and all its chain into objects: a sixth of a connection's CPU. */
function itself(this: TLSSocket): TLSSocket {
  return this;
}

/** Whether a certificate, verified already, is that of the right host. Servers show the same one again and again. */
class ServerIdentity {
  readonly #name: string;
  /** The last that was right. */
  #known: Buffer | null = null;

  constructor(name: string) {
    this.#name = name;
  }

  check(socket: TLSSocket): Error | undefined {
    const octets = socket.getPeerX509Certificate()?.raw ?? null;
    if (octets !== null && this.#known?.equals(octets) === true) return undefined;
    const error = checkServerIdentity(this.#name, TLSSocket.prototype.getPeerCertificate.call(socket, true));
    if (error === undefined) this.#known = octets;
    return error;
  }
}

/** Whether the server took the one protocol that was offered; HTTP/1.1 is what is spoken without any agreement. */
export function agreed(socket: Socket, protocol: TlsSettings["protocol"]): boolean {
  const { alpnProtocol } = socket as TLSSocket;
  return alpnProtocol === protocol || (protocol === "http/1.1" && alpnProtocol === false);
}

/** In words, that it did not. */
export const noAgreement = (protocol: TlsSettings["protocol"]): string =>
  protocol === "h2"
    ? "the server does not negotiate h2 (ALPN)"
    : "the server chose another protocol than http/1.1 (ALPN)";

export const resumed = (socket: Socket): boolean => (socket as TLSSocket).isSessionReused();
