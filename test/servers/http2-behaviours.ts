/** Servers of HTTP/2 that do one thing wrong, each with the error of RFC 9113 §7 that it is. */

import { field, frame, numbers, ok, settings, status200 } from "./http2-raw.ts";
import type { RawBehaviour } from "./http2-raw.ts";

/** Answers each request with these octets. */
const answers = (octets: (streamId: number) => Buffer): RawBehaviour => ({
  onRequest: (socket, streamId) => void socket.write(octets(streamId)),
});
const head = (...block: Buffer[]) => answers((id) => frame(1, 5, id, Buffer.concat(block)));
const many = (count: number, one: Buffer): Buffer => Buffer.concat(Array<Buffer>(count).fill(one));
const opened = (id: number): Buffer => frame(1, 4, id, status200);

type Wrong = readonly [what: string, error: string, behaviour: RawBehaviour];

export const wrongFrames: readonly Wrong[] = [
  ["sends a frame too large", "FRAME_SIZE_ERROR", answers((id) => frame(0, 1, id, Buffer.alloc(16_385)))],
  ["sends DATA on stream 0", "PROTOCOL_ERROR", answers(() => frame(0, 0, 0, [1]))],
  ["sends HEADERS on stream 0", "PROTOCOL_ERROR", answers(() => ok(0))],
  ["sends SETTINGS on a stream", "PROTOCOL_ERROR", answers((id) => frame(4, 0, id))],
  ["sends PING on a stream", "PROTOCOL_ERROR", answers((id) => frame(6, 0, id, Buffer.alloc(8)))],
  ["sends GOAWAY on a stream", "PROTOCOL_ERROR", answers((id) => frame(7, 0, id, Buffer.alloc(8)))],
  ["answers a stream that was never begun", "PROTOCOL_ERROR", answers((id) => ok(id + 100))],
  ["answers a stream of its own", "PROTOCOL_ERROR", answers((id) => ok(id + 1))],
  [
    "resets a stream that was never begun",
    "PROTOCOL_ERROR",
    answers((id) => frame(3, 0, id + 100, numbers(8))),
  ],
  ["sends content before any header", "PROTOCOL_ERROR", answers((id) => frame(0, 1, id, [1]))],
  [
    "interrupts a header block",
    "PROTOCOL_ERROR",
    answers((id) => Buffer.concat([frame(1, 1, id, status200), frame(6, 0, 0, Buffer.alloc(8))])),
  ],
  [
    "continues the header block of another stream",
    "PROTOCOL_ERROR",
    answers((id) => Buffer.concat([frame(1, 1, id, status200), frame(9, 4, id + 2)])),
  ],
  ["continues no header block", "PROTOCOL_ERROR", answers((id) => frame(9, 4, id, status200))],
  [
    "promises a push",
    "PROTOCOL_ERROR",
    answers((id) => frame(5, 4, id, Buffer.concat([numbers(2), status200]))),
  ],
  ["allows a push", "PROTOCOL_ERROR", answers(() => settings({ 2: 1 }))],
  ["wants frames too small", "PROTOCOL_ERROR", answers(() => settings({ 5: 100 }))],
  ["wants an initial window too large", "FLOW_CONTROL_ERROR", answers(() => settings({ 4: 2 ** 31 }))],
  [
    "makes the connection's window overflow",
    "FLOW_CONTROL_ERROR",
    answers(() => frame(8, 0, 0, numbers(2 ** 31 - 1))),
  ],
  [
    "makes a stream's window overflow",
    "FLOW_CONTROL_ERROR",
    answers((id) => frame(8, 0, id, numbers(2 ** 31 - 1))),
  ],
  [
    "makes windows overflow by SETTINGS",
    "FLOW_CONTROL_ERROR",
    answers((id) => Buffer.concat([frame(8, 0, id, numbers(1000)), settings({ 4: 2 ** 31 - 1 })])),
  ],
  ["enlarges a window by nothing", "PROTOCOL_ERROR", answers((id) => frame(8, 0, id, numbers(0)))],
  ["sends SETTINGS of 5 octets", "FRAME_SIZE_ERROR", answers(() => frame(4, 0, 0, Buffer.alloc(5)))],
  ["acknowledges SETTINGS with content", "FRAME_SIZE_ERROR", answers(() => frame(4, 1, 0, Buffer.alloc(6)))],
  ["sends PING of 7 octets", "FRAME_SIZE_ERROR", answers(() => frame(6, 0, 0, Buffer.alloc(7)))],
  ["sends RST_STREAM of 3 octets", "FRAME_SIZE_ERROR", answers((id) => frame(3, 0, id, Buffer.alloc(3)))],
  ["sends GOAWAY of 4 octets", "FRAME_SIZE_ERROR", answers(() => frame(7, 0, 0, numbers(0)))],
  ["sends WINDOW_UPDATE of 5 octets", "FRAME_SIZE_ERROR", answers(() => frame(8, 0, 0, Buffer.alloc(5)))],
  ["pads HEADERS with more than there is", "PROTOCOL_ERROR", answers((id) => frame(1, 13, id, [5, 0x88]))],
  [
    "pads DATA with more than there is",
    "PROTOCOL_ERROR",
    answers((id) => Buffer.concat([opened(id), frame(0, 9, id, [2, 0])])),
  ],
  [
    "pads DATA without saying how much",
    "FRAME_SIZE_ERROR",
    answers((id) => Buffer.concat([opened(id), frame(0, 9, id)])),
  ],
  [
    "takes back a GOAWAY",
    "PROTOCOL_ERROR",
    answers((id) => Buffer.concat([frame(7, 0, 0, numbers(id + 2, 0)), frame(7, 0, 0, numbers(id + 4, 0))])),
  ],
];

export const wrongHeads: readonly Wrong[] = [
  ["says no status", "PROTOCOL_ERROR", head(field("a", "b"))],
  ["says nothing", "PROTOCOL_ERROR", head()],
  ["says two statuses", "PROTOCOL_ERROR", head(status200, status200)],
  ["says its status late", "PROTOCOL_ERROR", head(field("a", "b"), status200)],
  ["says a status of two digits", "PROTOCOL_ERROR", head(field(":status", "20"))],
  ["says a status of letters", "PROTOCOL_ERROR", head(field(":status", "2x0"))],
  ["says a status of 600", "PROTOCOL_ERROR", head(field(":status", "600"))],
  ["says a method", "PROTOCOL_ERROR", head(status200, Buffer.from([0x82]))],
  ["says a pseudo-header of its own", "PROTOCOL_ERROR", head(status200, field(":own", "1"))],
  ["says a name with a capital", "PROTOCOL_ERROR", head(status200, field("Server", "x"))],
  ["says an empty name", "PROTOCOL_ERROR", head(status200, field("", "x"))],
  ["says a value of two lines", "PROTOCOL_ERROR", head(status200, field("a", "b\r\nc"))],
  ["says a value with white space at its end", "PROTOCOL_ERROR", head(status200, field("a", "b "))],
  ["says connection", "PROTOCOL_ERROR", head(status200, field("connection", "close"))],
  [
    "says transfer-encoding by the static table",
    "PROTOCOL_ERROR",
    head(status200, Buffer.from([0x0f, 0x2a, 0])),
  ],
  ["switches protocols", "PROTOCOL_ERROR", answers((id) => frame(1, 4, id, field(":status", "101")))],
  ["ends a stream with an interim response", "PROTOCOL_ERROR", head(field(":status", "100"))],
  ["says a status in trailers", "PROTOCOL_ERROR", answers((id) => Buffer.concat([opened(id), ok(id)]))],
  [
    "goes on after trailers",
    "PROTOCOL_ERROR",
    answers((id) => Buffer.concat([opened(id), frame(1, 4, id, field("a", "b"))])),
  ],
  ["uses an index of no table", "COMPRESSION_ERROR", head(status200, Buffer.from([0xbe]))],
  ["uses index 0", "COMPRESSION_ERROR", head(status200, Buffer.from([0x80]))],
  ["uses a name of no table", "COMPRESSION_ERROR", head(status200, Buffer.from([0x7e, 1, 0x61]))],
  ["enlarges the table", "COMPRESSION_ERROR", head(Buffer.from([0x3f, 0xe1, 0x1f]), status200)],
  ["changes the table amid the fields", "COMPRESSION_ERROR", head(status200, Buffer.from([0x20]))],
  ["ends amid a string", "COMPRESSION_ERROR", head(status200, Buffer.from([0, 5, 0x61]))],
  ["ends amid a number", "COMPRESSION_ERROR", head(status200, Buffer.from([0, 0x7f, 0xff]))],
  [
    "says a number of 2^35",
    "COMPRESSION_ERROR",
    head(status200, Buffer.from([0, 0x7f, 255, 255, 255, 255, 255, 1])),
  ],
  [
    "ends a Huffman code with too much padding",
    "COMPRESSION_ERROR",
    head(status200, Buffer.from([0, 0x82, 0x1f, 0xff, 1, 0x61])),
  ],
  [
    "pads a Huffman code with zeros",
    "COMPRESSION_ERROR",
    head(status200, Buffer.from([0, 0x81, 0x18, 1, 0x61])),
  ],
  [
    "sends the end of a Huffman code",
    "COMPRESSION_ERROR",
    head(status200, Buffer.from([0, 0x84, 255, 255, 255, 255, 1, 0x61])),
  ],
];

export const floods: readonly Wrong[] = [
  ["PINGs", "ENHANCE_YOUR_CALM", answers(() => many(10_001, frame(6, 0, 0, Buffer.alloc(8))))],
  ["SETTINGS", "ENHANCE_YOUR_CALM", answers(() => many(10_001, settings()))],
  [
    "empty DATA",
    "ENHANCE_YOUR_CALM",
    answers((id) => Buffer.concat([opened(id), many(10_001, frame(0, 0, id))])),
  ],
  ["WINDOW_UPDATEs", "ENHANCE_YOUR_CALM", answers(() => many(10_001, frame(8, 0, 0, numbers(1))))],
  ["frames of an unknown type", "ENHANCE_YOUR_CALM", answers(() => many(10_001, frame(99, 0, 0)))],
  ["PRIORITYs", "ENHANCE_YOUR_CALM", answers((id) => many(10_001, frame(2, 0, id, Buffer.alloc(5))))],
  [
    "interim responses",
    "ENHANCE_YOUR_CALM",
    answers((id) => many(10_001, frame(1, 4, id, field(":status", "100")))),
  ],
  [
    "empty CONTINUATIONs",
    "ENHANCE_YOUR_CALM",
    answers((id) => Buffer.concat([frame(1, 1, id, status200), many(10_001, frame(9, 0, id))])),
  ],
  [
    "CONTINUATIONs of 64 KB",
    "ENHANCE_YOUR_CALM",
    answers((id) =>
      Buffer.concat([frame(1, 1, id, status200), many(5, frame(9, 0, id, Buffer.alloc(16_000, 0x90)))]),
    ),
  ],
  // Each octet is a field of some 40: 640 000 octets from a frame of 16 000.
  ["fields of one octet", "ENHANCE_YOUR_CALM", head(status200, Buffer.alloc(16_000, 0x90))],
];
