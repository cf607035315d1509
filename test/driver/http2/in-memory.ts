/** A connection without a socket: octets of a server in, outcomes and the octets for the server out. */

import type { Socket } from "node:net";
import { connectionPreface } from "../../../src/driver/http2/frames.ts";
import { HpackDecoder } from "../../../src/driver/http2/hpack-decoder.ts";
import { Outbox } from "../../../src/driver/http2/outbox.ts";
import { http2Request } from "../../../src/driver/http2/request.ts";
import { Session } from "../../../src/driver/http2/session.ts";
import { StreamTable } from "../../../src/driver/http2/stream-table.ts";
import { UuidSource, uuidLength } from "../../../src/driver/uuid.ts";

// As of a thread: one for all its connections.
const outbox = new Outbox();
const decoder = new HpackDecoder("x-envoy-worker");
const uuids = new UuidSource();

export interface InMemory {
  readonly session: Session;
  /** What the owner was told, in order. */
  readonly told: string[];
  readonly streams: StreamTable;
  /** Sends requests with these numbers. */
  send(...requests: number[]): void;
  /** Gives the octets, cut at these positions. */
  receive(octets: Buffer, cuts?: readonly number[]): void;
  /** What was to be sent since the last time. */
  sent(): Buffer;
}

export function inMemory({
  streams: count = 4,
  body = null as Buffer | null,
  bodyUuidAt = [] as readonly number[],
  isHead = false,
  lastStreamId = 2 ** 31 - 1,
} = {}): InMemory {
  const told: string[] = [];
  outbox.clear();
  const streams = new StreamTable(1, count);
  const session = new Session({
    slot: 0,
    streams,
    outbox,
    decoder,
    requests: [
      http2Request({
        bytes: Buffer.from([0x82, 0x86, 0x84, 0x01, 0x01, 0x61]),
        body,
        uuidAt: [],
        bodyUuidAt,
        isHead,
      }),
    ],
    kinds: new Uint8Array(count),
    uuids,
    bodyUuids: Buffer.alloc(count * uuidLength),
    preface: connectionPreface(),
    lastStreamId,
    owner: {
      ready: () => void told.push("ready"),
      granted: (requests) => void told.push(`granted ${requests}`),
      answeredBy: (worker) => void told.push(`answered by ${worker}`),
      completed: (request, status) => void told.push(`completed ${request} ${status}`),
      failed: (request, reason) => void told.push(`failed ${request} ${reason}`),
      drained: () => void told.push("drained"),
      broken: (error) => void told.push(`broken ${error}`),
    },
  });
  const sent = (): Buffer => {
    const written: Buffer[] = [];
    let more = true;
    while (more) {
      more = session.resume();
      const sink = {
        connecting: false,
        writableLength: 0,
        write: (octets: Buffer) => written.push(Buffer.from(octets)),
      };
      outbox.flush(sink as unknown as Socket);
    }
    return Buffer.concat(written);
  };
  return {
    session,
    told,
    streams,
    send: (...requests) => requests.forEach((request) => session.send(request)),
    receive: (octets, cuts = []) => {
      let at = 0;
      for (const cut of [...cuts, octets.length]) {
        // As from a socket: a buffer that is used again, with the octets of another time behind them.
        const buffer = Buffer.alloc(cut - at + 32, 0xaa);
        octets.copy(buffer, 0, at, cut);
        session.read(buffer, 0, cut - at);
        buffer.fill(0x55);
        at = cut;
      }
    },
    sent,
  };
}
