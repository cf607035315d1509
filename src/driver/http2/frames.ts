/** The frames of HTTP/2 (RFC 9113 §4, §6, §7): their numbers, their names, and what we write at the start of a connection. */

export const DATA = 0;
export const HEADERS = 1;
export const PRIORITY = 2;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PUSH_PROMISE = 5;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

/** END_STREAM of DATA and HEADERS, ACK of SETTINGS and PING. */
export const END_STREAM = 0x1;
export const ACK = 0x1;
export const END_HEADERS = 0x4;
export const PADDED = 0x8;
export const PRIORITY_FLAG = 0x20;

export const frameHeaderSize = 9;
/** SETTINGS_MAX_FRAME_SIZE's default: what we take, and all that we send, since no peer may ask for less. */
export const frameSizeLimit = 16_384;
/** Of a window, and of a stream's number. */
export const largest31Bits = 2 ** 31 - 1;

/** By error code (RFC 9113 §7). */
const errorNames = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
] as const;

export type ErrorName = (typeof errorNames)[number];

export const errorCode = (name: ErrorName): number => errorNames.indexOf(name);

/** Settings by identifier (RFC 9113 §6.5.2). */
const HEADER_TABLE_SIZE = 1;
export const ENABLE_PUSH = 2;
export const MAX_CONCURRENT_STREAMS = 3;
export const INITIAL_WINDOW_SIZE = 4;
export const MAX_FRAME_SIZE = 5;

/** Before SETTINGS say otherwise, of a connection as of its streams. */
export const defaultWindow = 65_535;

interface FrameHead {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
}

/** A whole frame of its own. Not for what is written per request: that goes straight into the outbox. */
export function frame({ type, flags, streamId }: FrameHead, payload: Buffer): Buffer {
  const bytes = Buffer.alloc(frameHeaderSize + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(streamId, 5);
  payload.copy(bytes, frameHeaderSize);
  return bytes;
}

/**
 * What opens a connection (RFC 9113 §3.4): the preface, our SETTINGS, and a connection window as large as it may be.
 * Without a dynamic table a header block needs no state, and may be skipped.
 */
export function connectionPreface(): Buffer {
  const settings = Buffer.alloc(18);
  settings.writeUInt16BE(HEADER_TABLE_SIZE, 0);
  settings.writeUInt16BE(ENABLE_PUSH, 6);
  settings.writeUInt16BE(INITIAL_WINDOW_SIZE, 12);
  settings.writeUInt32BE(largest31Bits, 14);
  const increment = Buffer.alloc(4);
  increment.writeUInt32BE(largest31Bits - defaultWindow);
  return Buffer.concat([
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    frame({ type: SETTINGS, flags: 0, streamId: 0 }, settings),
    frame({ type: WINDOW_UPDATE, flags: 0, streamId: 0 }, increment),
  ]);
}
