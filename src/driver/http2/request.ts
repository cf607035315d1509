/** One kind of request of HTTP/2, ready to be sent. */

import type { WireRequest } from "../wire-requests.ts";
import { requestTemplates } from "./request-template.ts";
import type { RequestTemplate } from "./request-template.ts";

export interface Http2Request {
  /** As the first of its connection, and later on it. */
  readonly first: RequestTemplate;
  readonly next: RequestTemplate;
  readonly body: Buffer | null;
  /** Its response has no content, whatever length it says (RFC 9110 §9.3.2). */
  readonly isHead: boolean;
  readonly bodyUuidAt: readonly number[];
  readonly hasUuid: boolean;
}

export function http2Request({ bytes, body, uuidAt, bodyUuidAt, isHead }: WireRequest): Http2Request {
  return {
    ...requestTemplates(bufferOver(bytes), body === null, uuidAt),
    body: body === null ? null : bufferOver(body),
    bodyUuidAt,
    isHead,
    hasUuid: uuidAt.length + bodyUuidAt.length > 0,
  };
}

/** A message between threads makes plain arrays of Buffers. */
const bufferOver = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
