import { createServer } from "node:http2";
import type { IncomingHttpHeaders } from "node:http2";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { connectionPreface } from "../../../src/driver/http2/frames.ts";
import { headerBlock } from "../../../src/driver/http2/header-block.ts";
import { HpackDecoder } from "../../../src/driver/http2/hpack-decoder.ts";
import { decodeHuffman } from "../../../src/driver/http2/huffman.ts";
import { requestTemplates } from "../../../src/driver/http2/request-template.ts";
import { frame } from "../../servers/http2-raw.ts";
import { startNodeHttp2 } from "../../servers/http2-node.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const huffman = (octets: Buffer): string | number => {
  const to = Buffer.alloc(1000);
  const length = decodeHuffman(octets, 0, octets.length, to);
  return length < 0 ? length : to.toString("latin1", 0, length);
};

describe("the Huffman code", () => {
  test.each([
    // RFC 7541, appendix C.4 and C.6.
    ["f1e3 c2e5 f23a 6ba0 ab90 f4ff", "www.example.com"],
    ["a8eb 1064 9cbf", "no-cache"],
    ["25a8 49e9 5ba9 7d7f", "custom-key"],
    ["25a8 49e9 5bb8 e8b4 bf", "custom-value"],
    ["6402", "302"],
    ["aec3 771a 4b", "private"],
    ["d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3", "https://www.example.com"],
    [
      "94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
      "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
    ],
    ["", ""],
    // RFC 7541, appendix B: symbols 0, 10, 22 and 255, padded with ones.
    ["ffc7", "\0"],
    ["ffff fff3", "\n"],
    ["ffff fffb", "\x16"],
    ["ffff fbbf", "\xff"],
  ])("reads %s as %j", (octets, text) => {
    expect(huffman(hex(octets))).toBe(text);
  });

  test.each([
    ["ff", "padding of a whole octet"],
    ["1fff", "padding of eleven bits"],
    ["18", "padding of zeros"],
    ["ffffffff", "the end of string"],
  ])("refuses %s: %s", (octets) => {
    expect(huffman(hex(octets))).toBe(-1);
  });

  test("needs no more room than it is given", () => {
    expect(decodeHuffman(hex("6402"), 0, 2, Buffer.alloc(2))).toBe(-2);
  });
});

/** Blocks as nghttp2 encodes them for our SETTINGS: of a response with these fields, one a request. */
async function encoded(responses: readonly Record<string, string>[]): Promise<Buffer[]> {
  let at = 0;
  await using server = await startNodeHttp2((stream) => {
    stream.respond({ ":status": 200, ...responses[at++] }, { endStream: true, sendDate: false } as object);
  });
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  const { first, next } = requestTemplates(headerBlock(parts, "http"), true);
  socket.write(connectionPreface());
  responses.forEach((_, i) => {
    const bytes = Buffer.from((i === 0 ? first : next).bytes);
    bytes.writeUInt32BE(2 * i + 1, 5);
    socket.write(bytes);
  });
  const blocks: Buffer[] = [];
  let received = Buffer.alloc(0);
  for await (const data of socket) {
    received = Buffer.concat([received, data as Buffer]);
    while (received.length >= 9 && received.length >= 9 + received.readUIntBE(0, 3)) {
      const size = 9 + received.readUIntBE(0, 3);
      if (received[3] === 1) blocks.push(received.subarray(9, size));
      received = received.subarray(size);
    }
    if (blocks.length === responses.length) break;
  }
  return blocks;
}

const parts = { method: "GET", path: "/", host: "h", headers: [], body: null, keepalive: true };

describe("a response encoded by nghttp2", () => {
  test("is decoded for every status", async () => {
    const statuses = Array.from({ length: 400 }, (_, i) => 200 + i);
    const blocks = await encoded(statuses.map((status) => ({ ":status": String(status) })));
    const decoder = new HpackDecoder("x-envoy-worker");
    const decoded = blocks.map((block) => {
      decoder.decode(block, 0, block.length, false);
      return decoder.error ?? decoder.status;
    });
    expect(decoded).toEqual(statuses);
  });

  test("is decoded for every octet a value may have, among octets that make Huffman worth while", async () => {
    const octets = Array.from({ length: 256 }, (_, i) => i).filter((i) => i >= 0x20 && i !== 0x7f);
    const blocks = await encoded(
      octets.map((octet) => ({
        "x-worker-name": `${"a".repeat(30)}${String.fromCharCode(octet)}e-worker_7`,
      })),
    );
    const decoder = new HpackDecoder("x-worker-name");
    for (const [i, block] of blocks.entries()) {
      decoder.decode(block, 0, block.length, false);
      expect([octets[i], decoder.error, decoder.status, decoder.worker]).toEqual([octets[i], null, 200, 7]);
      // The same literal, read by itself: it follows the name, and begins with its length.
      const length = 30 + 1 + "e-worker_7".length;
      const value = [...block.keys()].map((at) => {
        const size = block[at]! & 0x7f;
        return block[at]! & 0x80 && at + 1 + size <= block.length
          ? huffman(block.subarray(at + 1, at + 1 + size))
          : -1;
      });
      expect(
        value.some(
          (text) => String(text).length === length && String(text)[30] === String.fromCharCode(octets[i]!),
        ),
      ).toBe(true);
    }
  });
});

test.each([
  ["worker_0", 0],
  ["wrk:worker_12", 12],
  ["7", 7],
  ["worker", -1],
  ["", -1],
  ["worker_7a", -1],
  ["99999999", -1],
])("the worker that %j names is %d", (value, worker) => {
  const decoder = new HpackDecoder("x-w");
  const block = Buffer.concat([
    Buffer.from([0x88, 0x00, 3]),
    Buffer.from("x-w"),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
  decoder.decode(block, 0, block.length, false);
  expect([decoder.error, decoder.worker]).toEqual([null, worker]);
});

test("a decoder never throws, whatever the octets, and says what is wrong or a status", () => {
  const decoder = new HpackDecoder("x-envoy-worker");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.boolean(), (octets, trailers) => {
      decoder.decode(Buffer.from(octets), 0, octets.length, trailers);
      if (decoder.error === null) expect(decoder.status > 99).toBe(!trailers);
      else expect(decoder.detail).not.toBe("");
    }),
    { numRuns: 20_000 },
  );
});

/** What node:http2's server makes of it. */
async function seen(block: Buffer): Promise<IncomingHttpHeaders> {
  const server = createServer({ settings: { maxHeaderListSize: 1 << 20 } });
  const headers = new Promise<IncomingHttpHeaders>((resolve) => {
    server.on("stream", (stream, headers) => {
      stream.on("error", () => {});
      resolve(headers);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.on("error", () => {});
  const { bytes, streamIdAt } = requestTemplates(block, true).first;
  const request = Buffer.from(bytes);
  for (const at of streamIdAt) request.writeUInt32BE(1, at);
  socket.write(Buffer.concat([connectionPreface(), frame(4, 1, 0), request]));
  const result = await headers;
  socket.destroy();
  server.close();
  return Object.fromEntries(Object.entries(result));
}

describe("the header of a request", () => {
  test("is in lower case, pseudo-headers first, without fields of HTTP/1.1's connections", async () => {
    const block = headerBlock(
      {
        ...parts,
        method: "POST",
        path: "/a?b=c",
        host: "h:81",
        headers: [
          ["X-Long", "v".repeat(300)],
          ["Connection", "close"],
          ["Keep-Alive", "1"],
          ["TE", "gzip"],
          ["Upgrade", "x"],
          ["Accept", " text/html "],
        ],
      },
      "http",
    );
    expect(await seen(block)).toEqual({
      ":method": "POST",
      ":scheme": "http",
      ":authority": "h:81",
      ":path": "/a?b=c",
      "user-agent": "mesh-load",
      "content-length": "0",
      "x-long": "v".repeat(300),
      accept: "text/html",
    });
  });

  test("takes the host, the user agent and te: trailers that are given", async () => {
    const headers = [
      ["Host", "other"],
      ["User-Agent", ""],
      ["te", "trailers"],
    ] as const;
    expect(await seen(headerBlock({ ...parts, headers }, "http"))).toEqual({
      ":method": "GET",
      ":scheme": "http",
      ":authority": "other",
      ":path": "/",
      te: "trailers",
    });
  });

  test("goes into as many frames as it needs", async () => {
    const long = "v".repeat(40_000);
    const { first } = requestTemplates(headerBlock({ ...parts, headers: [["x-long", long]] }, "http"), true);
    expect(first.streamIdAt.length).toBe(3);
    expect((await seen(headerBlock({ ...parts, headers: [["x-long", long]] }, "http")))["x-long"]).toBe(long);
  });

  test("is refused for the reasons of HTTP/1.1", () => {
    const headers = [["x", "a\r\nb: c"]] as const;
    expect(() => headerBlock({ ...parts, headers }, "http")).toThrow("control character");
  });
});
