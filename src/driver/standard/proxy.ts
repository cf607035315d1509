/** How a proxy is told whom we want (RFC 9110 §9.3.6, RFC 9112 §3.2.2). */

import type { Socket } from "node:net";
import type { RequestOptions } from "./http-client.ts";

/** The proxy between us and the target. */
export interface ProxyRoute {
  /** It opens a tunnel to the target; otherwise it is given whole requests to pass on. */
  readonly tunnels: boolean;
  /** Host and port of the target. */
  readonly authority: string;
  /** The value of `proxy-authorization`, or `null`. */
  readonly authorization: string | null;
}

/** Only HTTP/1.1 in plain text is passed on: anything else a proxy does not speak, or must not see. */
export function proxyRoute(proxy: string, target: URL, protocol: "http/1.1" | "h2"): ProxyRoute {
  const { username, password } = new URL(proxy);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const { hostname, port } = target;
  return {
    tunnels: protocol === "h2" || target.protocol === "https:",
    authority: `${hostname}:${port || (target.protocol === "https:" ? 443 : 80)}`,
    authorization: credentials === ":" ? null : `Basic ${Buffer.from(credentials).toString("base64")}`,
  };
}

/** The request as a proxy that passes it on wants it: with the whole URL, and who we are. */
export function passedOn<T extends RequestOptions>(request: T, { authorization }: ProxyRoute): T {
  const headers = request.headers as readonly string[];
  return {
    ...request,
    path: `${String(request.origin)}${request.path}`,
    headers: authorization === null ? headers : [...headers, "proxy-authorization", authorization],
  };
}

/** More than any proxy says before a tunnel. */
const longestHead = 1 << 14;

/** Asks the proxy at the other end for a tunnel. `onEnd` is told an error, or `null` where the socket now is the target's. */
export function openTunnel(
  socket: Socket,
  { authority, authorization }: ProxyRoute,
  onEnd: (error: Error | null) => void,
): void {
  let received = "";
  const end = (error: Error | null): void => {
    socket.off("data", read);
    socket.pause();
    onEnd(error);
  };
  const read = (octets: Buffer): void => {
    received += octets.toString("latin1");
    const headEnd = received.indexOf("\r\n\r\n");
    if (headEnd < 0 && received.length < longestHead) return;
    const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(received) ?? [];
    if (headEnd < 0 || status === undefined) return end(new Error("the proxy answered no HTTP to CONNECT"));
    if (status[0] !== "2") return end(new Error(`the proxy answered ${status} to CONNECT ${authority}`));
    const early = received.slice(headEnd + 4);
    end(null);
    if (early !== "") socket.unshift(Buffer.from(early, "latin1"));
  };
  socket.on("data", read);
  const authorized = authorization === null ? "" : `proxy-authorization: ${authorization}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${authorized}\r\n`);
}
