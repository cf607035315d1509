/** The requests of a load as they go on the wire, built once and written many times. */

import type { LoadPlan } from "../plan/plan.ts";
import { requestBytes } from "./http1/request-bytes.ts";
import { headerBlock } from "./http2/header-block.ts";
import type { RequestParts } from "./request-checks.ts";
import { makeRoomForUuids, uuidPlaces } from "./uuid.ts";

/** One kind of request. */
export interface WireRequest {
  /** All of it for HTTP/1, the header block for HTTP/2. */
  readonly bytes: Uint8Array;
  /** What follows the header block of HTTP/2. */
  readonly body: Uint8Array | null;
  /** Where a fresh UUID goes, in `bytes` and in `body`. */
  readonly uuidAt: readonly number[];
  readonly bodyUuidAt: readonly number[];
  /** Of HEAD no body follows, whatever the header of the response says. */
  readonly isHead: boolean;
}

/**
 * Every kind of request of the load, in the order of the plan.
 * @throws MeshLoadError FLAG_INVALID where a part could end its line or is no token: such a request would be two
 */
export function wireRequests(load: LoadPlan, targetUrl: string): WireRequest[] {
  const url = new URL(targetUrl);
  const kinds = load.requests.length > 0 ? load.requests : [{ ...load.request, path: null }];
  return kinds.map(({ method, headers, body, path }) => {
    const parts = makeRoomForUuids({
      method,
      path: path ?? url.pathname + url.search,
      host: url.host,
      headers,
      body: body === null ? null : Buffer.from(body, "base64"),
      keepalive: load.keepalive,
      http10: load.protocol === "http/1.0",
    });
    return build(parts, load, url);
  });
}

function build(parts: RequestParts, { protocol }: LoadPlan, url: URL): WireRequest {
  const isHead = parts.method === "HEAD";
  if (protocol !== "h2") {
    const bytes = requestBytes(parts);
    return { bytes, body: null, uuidAt: uuidPlaces(bytes), bodyUuidAt: [], isHead };
  }
  const bytes = headerBlock(parts, url.protocol === "https:" ? "https" : "http");
  const { body } = parts;
  const bodyUuidAt = body === null ? [] : uuidPlaces(body);
  return { bytes, body, uuidAt: uuidPlaces(bytes), bodyUuidAt, isHead };
}
