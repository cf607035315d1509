/** How a slot gets its connection by undici. Loaded only where it is asked for: undici costs every thread's start. */

import type { LoadPlan } from "../../plan/plan.ts";
import type { Connection, ConnectionOptions } from "../connection.ts";
import type { ThreadPlan } from "../messages.ts";
import { StandardConnection } from "./client.ts";
import type { StandardOptions } from "./client.ts";
import { proxyRoute } from "./proxy.ts";

export function standardConnector(
  { load, url, proxy, workerHeader }: ThreadPlan,
  shared: ConnectionOptions,
): (slot: number) => Connection {
  const { protocol, streams, timeoutUs, followRedirects, compression, proxies } = load;
  const target = new URL(url);
  const options: StandardOptions = {
    ...shared,
    protocol,
    streams,
    timeoutUs,
    followRedirects,
    compression,
    proxies,
    workerHeader,
    route: proxy === null ? null : proxyRoute(proxy, target, protocol),
    request: requestOptions(target, load),
  };
  return (slot) => new StandardConnection(slot, options);
}

/** What undici does not add: `user-agent`, which ours replaces only where it is not given, and none where it is empty. */
function requestOptions(url: URL, { request, keepalive, compression }: LoadPlan) {
  const { method, headers, body } = request;
  const named = (field: string): boolean => headers.some(([name]) => name.toLowerCase() === field);
  const given = headers.filter(([name, value]) => name.toLowerCase() !== "user-agent" || value !== "");
  return {
    origin: url.origin,
    path: url.pathname + url.search,
    method,
    headers: [
      ...(named("user-agent") ? [] : ["user-agent", "mesh-load"]),
      ...(compression && !named("accept-encoding") ? ["accept-encoding", "gzip, deflate, br, zstd"] : []),
      ...given.flat(),
    ],
    body: body === null ? null : Buffer.from(body, "base64"),
    // Said in any case: left to itself undici closes after a HEAD.
    reset: !keepalive,
  };
}
