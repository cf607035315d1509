/** What a frame may not be, whatever the state of the connection (RFC 9113 §4.2, §6). */

import {
  ACK,
  DATA,
  GOAWAY,
  HEADERS,
  PING,
  PRIORITY,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
  frameSizeLimit,
} from "./frames.ts";
import type { ErrorName } from "./frames.ts";

/** The error that a frame is by its head alone, `null` for none. */
export function frameFault(type: number, flags: number, streamId: number, length: number): ErrorName | null {
  if (length > frameSizeLimit) return "FRAME_SIZE_ERROR";
  switch (type) {
    case DATA:
    case HEADERS:
      return streamId === 0 ? "PROTOCOL_ERROR" : null;
    case PRIORITY:
      return streamId === 0 ? "PROTOCOL_ERROR" : sized(length === 5);
    case RST_STREAM:
      return streamId === 0 ? "PROTOCOL_ERROR" : sized(length === 4);
    case SETTINGS:
      if (streamId !== 0) return "PROTOCOL_ERROR";
      return sized(flags & ACK ? length === 0 : length % 6 === 0);
    case PUSH_PROMISE:
      // We say ENABLE_PUSH 0 before anything else.
      return "PROTOCOL_ERROR";
    case PING:
      return streamId !== 0 ? "PROTOCOL_ERROR" : sized(length === 8);
    case GOAWAY:
      return streamId !== 0 ? "PROTOCOL_ERROR" : sized(length >= 8);
    case WINDOW_UPDATE:
      return sized(length === 4);
    default:
      return null;
  }
}

const sized = (right: boolean): ErrorName | null => (right ? null : "FRAME_SIZE_ERROR");
