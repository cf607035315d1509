/** What a plain server answers, as octets: for the rehearsal. */

import { DATA, END_HEADERS, END_STREAM, frame, HEADERS, SETTINGS } from "./http2/frames.ts";

export interface CannedResponses {
  /** What the server says first. */
  readonly greeting: Buffer;
  /** The response to the next request. */
  readonly next: () => Buffer;
}

export function cannedHttp1(isHead: boolean): CannedResponses {
  const head =
    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-type: text/plain\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\nserver: envoy\r\n\r\n";
  const response = Buffer.from(isHead ? head : `${head}OK`);
  return { greeting: Buffer.alloc(0), next: () => response };
}

/** One stream after the other, from 1 on. */
export function cannedHttp2(isHead: boolean): CannedResponses {
  // `:status` 200 and `content-length` 2 (RFC 7541, appendix A: 8 and 28).
  const block = Buffer.from([0x88, 0x0f, 0x0d, 0x01, 0x32]);
  const flags = isHead ? END_HEADERS | END_STREAM : END_HEADERS;
  const head = frame({ type: HEADERS, flags, streamId: 0 }, block);
  const body = frame({ type: DATA, flags: END_STREAM, streamId: 0 }, Buffer.from("OK"));
  const response = isHead ? head : Buffer.concat([head, body]);
  let streamId = -1;
  return {
    greeting: frame({ type: SETTINGS, flags: 0, streamId: 0 }, Buffer.alloc(0)),
    next: () => {
      streamId += 2;
      response.writeUInt32BE(streamId, 5);
      if (!isHead) response.writeUInt32BE(streamId, head.length + 5);
      return response;
    },
  };
}
