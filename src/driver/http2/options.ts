/** What the connections of a thread share where they speak HTTP/2. */

import type { ConnectionOptions } from "../connection.ts";
import { uuidLength } from "../uuid.ts";
import type { UuidSource } from "../uuid.ts";
import type { WireRequest } from "../wire-requests.ts";
import { connectionPreface, largest31Bits } from "./frames.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import { Outbox } from "./outbox.ts";
import { http2Request } from "./request.ts";
import type { SessionOptions } from "./session.ts";
import { StreamTable } from "./stream-table.ts";

export interface Http2Options extends ConnectionOptions, Omit<SessionOptions, "slot" | "owner"> {
  readonly owner: ConnectionOptions["owner"];
}

/** For all connections of a thread. */
export function http2Options(
  shared: ConnectionOptions,
  request: {
    readonly requests: readonly WireRequest[];
    readonly uuids: UuidSource;
    readonly slots: number;
    readonly streams: number;
    readonly workerHeader: string;
  },
): Http2Options {
  const { requests, uuids, slots, streams, workerHeader } = request;
  const bodiesHaveUuids = requests.some(({ bodyUuidAt }) => bodyUuidAt.length > 0);
  return {
    ...shared,
    requests: requests.map(http2Request),
    uuids,
    bodyUuids: Buffer.alloc(bodiesHaveUuids ? slots * streams * uuidLength : 0),
    preface: connectionPreface(),
    streams: new StreamTable(slots, streams),
    outbox: new Outbox(),
    decoder: new HpackDecoder(workerHeader),
    lastStreamId: largest31Bits,
  };
}
