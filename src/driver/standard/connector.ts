/** How a slot gets its connection by undici. Loaded only where it is asked for: undici costs every thread's start. */

import { randomUUID } from "node:crypto";
import type { LoadPlan, RequestKindPlan } from "../../plan/plan.ts";
import type { Connection, ConnectionOptions } from "../connection.ts";
import type { ThreadPlan } from "../messages.ts";
import { secureContext } from "../tls-client.ts";
import { hasUuids, replaceUuids } from "../uuid.ts";
import { StandardConnection } from "./client.ts";
import type { StandardOptions, StandardRequest } from "./client.ts";
import { proxyRoute } from "./proxy.ts";

export function standardConnector(
  { load, url, proxy, workerHeader, tlsElsewhere }: ThreadPlan,
  shared: ConnectionOptions,
): (slot: number) => Connection {
  const { streams, timeoutUs, followRedirects, compression, proxies } = load;
  const protocol = load.protocol === "h2" ? "h2" : "http/1.1";
  const target = new URL(url);
  const kinds = load.requests.length > 0 ? load.requests : [{ ...load.request, path: null }];
  const requests = kinds.map((kind) => dispatched(kind, target, load));
  const options: StandardOptions = {
    ...shared,
    protocol,
    streams,
    timeoutUs,
    followRedirects,
    compression,
    proxies,
    tlsElsewhere: tlsElsewhere === null ? null : { ...tlsElsewhere, context: secureContext(tlsElsewhere) },
    workerHeader,
    route: proxy === null ? null : proxyRoute(proxy, target, protocol),
    origin: target.origin,
    requests,
  };
  return (slot) => new StandardConnection(slot, options);
}

const encodings = "gzip, deflate, br, zstd";

/** What undici does not add: `user-agent`, which ours replaces only where it is not given, and none where it is empty. */
function dispatched(
  { method, headers, body, path }: Omit<RequestKindPlan, "name" | "weight">,
  url: URL,
  { keepalive, compression }: LoadPlan,
): () => StandardRequest {
  const named = (field: string): boolean => headers.some(([name]) => name.toLowerCase() === field);
  const given = headers.filter(([name, value]) => name.toLowerCase() !== "user-agent" || value !== "");
  const parts = {
    path: path ?? url.pathname + url.search,
    headers: [
      ...(named("user-agent") ? [] : [["user-agent", "mesh-load"] as const]),
      ...(compression && !named("accept-encoding") ? [["accept-encoding", encodings] as const] : []),
      ...given,
    ],
    body: body === null ? null : Buffer.from(body, "base64"),
  };
  const optionsOf = (uuid: string): StandardRequest => {
    const said = replaceUuids(parts, uuid);
    return {
      origin: url.origin,
      path: said.path,
      method,
      headers: said.headers.flat(),
      body: said.body,
      // Said in any case: left to itself undici closes after a HEAD.
      reset: !keepalive,
    };
  };
  if (hasUuids(parts)) return () => optionsOf(randomUUID());
  const constant = optionsOf("");
  return () => constant;
}
