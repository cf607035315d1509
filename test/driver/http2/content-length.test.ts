import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { brokenBlock, contentLengthOf, malformedLength } from "../../../src/driver/http2/content-length.ts";
import { HpackDecoder } from "../../../src/driver/http2/hpack-decoder.ts";
import { field, frame, ok, settings, startRawHttp2, status200 } from "../../servers/http2-raw.ts";
import { drive, outcomes } from "../drive.ts";
import { inMemory } from "./in-memory.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const lengthOf = (block: Buffer): number => contentLengthOf(block, 0, block.length);
const plain = (value: string): Buffer => field("content-length", value);

describe("the content-length of a header block", () => {
  test.each<[what: string, block: Buffer, length: number]>([
    ["none", Buffer.concat([status200, field("content-lengths", "5")]), Infinity],
    ["nothing at all", Buffer.alloc(0), Infinity],
    ["a name by index, kept", hex("88 5c 02 3132"), 12],
    ["a name by index, not kept", hex("88 0f0d 02 3132"), 12],
    ["a name by index, never kept", hex("88 1f0d 02 3132"), 12],
    ["an index written longer than it need be", hex("88 0f8d00 01 37"), 7],
    // RFC 7541, appendix B: "302" is 6402; "content-length" by the same table.
    ["a value in Huffman's code", hex("88 5c 82 6402"), 302],
    ["a name in Huffman's code", hex("88 00 8a 21ea496a4ad416a9933f 01 37"), 7],
    ["a name in clear text", Buffer.concat([status200, plain("7")]), 7],
    ["a name in clear text, kept", Buffer.concat([hex("20 88 40"), plain("7").subarray(1)]), 7],
    ["the same twice", Buffer.concat([plain("7"), plain("7")]), 7],
    ["2^53 − 1", plain("9007199254740991"), 2 ** 53 - 1],
    ["two lengths", Buffer.concat([plain("7"), plain("8"), plain("8")]), malformedLength],
    ["a list", plain("7, 7"), malformedLength],
    ["a negative one", plain("-7"), malformedLength],
    ["2^53", plain("9007199254740992"), malformedLength],
    ["nothing", plain(""), malformedLength],
    ["nothing, by index", hex("88 9c"), malformedLength],
    ["letters in Huffman's code", hex("5c 86 a8eb1064 9cbf"), malformedLength],
    ["a code that is none", hex("5c 81 18"), malformedLength],
    ["a string beyond its block", hex("88 5c 03 3132"), brokenBlock],
    ["a name without value", hex("88 5c"), brokenBlock],
    ["a number without end", hex("88 0fff"), brokenBlock],
  ])("that says %s", (_, block, length) => {
    expect(lengthOf(block)).toBe(length);
  });

  test("is found wherever it stands among what the decoder takes, and no such block is broken", () => {
    const decoder = new HpackDecoder("x-envoy-worker");
    const name = fc.stringMatching(/^[a-z-]{1,20}$/).filter((text) => text !== "content-length");
    const anyField = fc.oneof(
      fc.tuple(name, fc.stringMatching(/^[a-z0-9]{0,100}$/)).map(([n, value]) => field(n, value)),
      fc.constantFrom(hex("90"), hex("b6"), hex("0f12 86 a8eb1064 9cbf")),
    );
    fc.assert(
      fc.property(fc.array(anyField), fc.array(anyField), fc.nat(), (before, after, length) => {
        const block = Buffer.concat([status200, ...before, plain(String(length)), ...after]);
        decoder.decode(block, 0, block.length, false);
        expect([decoder.error, lengthOf(block)]).toEqual([null, length]);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => {
        const block = Buffer.concat([status200, octets]);
        decoder.decode(block, 0, block.length, false);
        if (decoder.error === null) expect(lengthOf(block)).not.toBe(brokenBlock);
      }),
      { numRuns: 20_000 },
    );
  });
});

/** Header and DATA of one response; `sizes` of its DATA frames. */
const response = (id: number, head: readonly Buffer[], ...sizes: number[]): Buffer =>
  Buffer.concat([
    frame(1, sizes.length === 0 ? 5 : 4, id, Buffer.concat(head)),
    ...sizes.map((size, i) => frame(0, i === sizes.length - 1 ? 1 : 0, id, Buffer.alloc(size))),
  ]);
const says = (length: number): Buffer[] => [status200, plain(String(length))];

describe("DATA of a response", () => {
  const cases: [what: string, octets: (id: number) => Buffer, told: string][] = [
    ["of the length said", (id) => response(id, says(5), 2, 0, 3), "completed 0 200"],
    ["of no length said", (id) => response(id, [status200], 2, 3), "completed 0 200"],
    ["shorter", (id) => response(id, says(5), 2, 2), "failed 0 protocol"],
    ["that does not come", (id) => response(id, says(5)), "failed 0 protocol"],
    ["longer", (id) => response(id, says(5), 2, 4), "failed 0 protocol"],
    ["of a response that says 0", (id) => response(id, says(0), 1), "failed 0 protocol"],
    ["of no number", (id) => response(id, [status200, plain("five")], 5), "failed 0 protocol"],
    ["with 304, none", (id) => response(id, [hex("8b"), plain("5")]), "completed 0 304"],
    ["with 204, none", (id) => response(id, [hex("89"), plain("5")]), "completed 0 204"],
    ["with 204, some", (id) => response(id, [hex("89")], 1), "failed 0 protocol"],
    [
      "padded",
      (id) =>
        Buffer.concat([
          frame(1, 4, id, Buffer.concat(says(5))),
          frame(0, 9, id, [3, 1, 2, 3, 4, 5, 0, 0, 0]),
        ]),
      "completed 0 200",
    ],
    [
      "before trailers",
      (id) =>
        Buffer.concat([
          frame(1, 4, id, Buffer.concat(says(5))),
          frame(0, 0, id, [1, 2, 3, 4]),
          frame(1, 5, id, field("x-sum", "1")),
        ]),
      "failed 0 protocol",
    ],
    [
      "after an interim response that says another",
      (id) =>
        Buffer.concat([
          frame(1, 4, id, Buffer.concat([field(":status", "103"), plain("99")])),
          response(id, says(5), 5),
        ]),
      "completed 0 200",
    ],
  ];

  test.each(cases)("%s", (_, octets, told) => {
    // As the first response, whose block is decoded whole, and as a later one, whose block is not.
    for (const later of [false, true]) {
      const connection = inMemory();
      connection.receive(settings());
      connection.send(1);
      if (later) connection.receive(ok(1));
      connection.send(0);
      connection.sent();
      connection.receive(octets(3));
      expect(connection.told.at(-1)).toBe(told);
      // RFC 9113 §5.4.2: RST_STREAM with PROTOCOL_ERROR (1) of that stream alone, …
      const reset = frame(3, 0, 3, [0, 0, 0, 1]).toString("hex");
      expect(connection.sent().toString("hex").includes(reset)).toBe(told.startsWith("failed"));
      // … and the connection serves others still, and the same request again.
      if (!later) connection.receive(ok(1));
      connection.send(0);
      connection.receive(response(5, says(3), 3));
      expect(connection.told.at(-1)).toBe("completed 0 200");
    }
  });

  test("longer is told before its end", () => {
    const connection = inMemory();
    connection.receive(settings());
    connection.send(0);
    connection.receive(
      Buffer.concat([frame(1, 4, 1, Buffer.concat(says(5))), frame(0, 0, 1, Buffer.alloc(6))]),
    );
    expect(connection.told.at(-1)).toBe("failed 0 protocol");
    connection.receive(Buffer.concat([frame(0, 0, 1, Buffer.alloc(6)), frame(0, 1, 1)]));
    expect(connection.told.at(-1)).toBe("failed 0 protocol");
  });

  test("may be missing from the answer to HEAD", () => {
    const connection = inMemory({ isHead: true });
    connection.receive(settings());
    connection.send(0);
    connection.receive(response(1, says(5)));
    expect(connection.told.at(-1)).toBe("completed 0 200");
  });

  test("of another length fails its request, and no other of its connection", async () => {
    let nth = 0;
    await using server = await startRawHttp2({
      onRequest: (socket, id) => void socket.write(response(id, says(5), ++nth % 4 === 0 ? 4 : 5)),
    });
    const load = await drive(server.url, { protocol: "h2", connections: 1, streams: 2, qps: 0, exactly: 40 });
    expect(outcomes(load.samples)).toEqual({ 200: 30, protocol: 10 });
    expect(server.connections).toBe(1);
    const resets = server.frames[0]!.filter(({ type }) => type === 3);
    expect(resets.map(({ payload }) => payload.readUInt32BE(0))).toEqual(Array(10).fill(1));
  });

  test("of node:http2's server is as long as said, of HEAD too", async () => {
    const server = createServer((request, answer) => {
      answer.setHeader("content-length", request.url!.length);
      answer.end(request.url);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const plan = { protocol: "h2", connections: 1, qps: 0, exactly: 20 } as const;
    for (const path of ["", "x".repeat(300)])
      expect(outcomes((await drive(url + path, plan)).samples)).toEqual({ 200: 20 });
    server.close();
  });
});
