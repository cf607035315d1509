import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { field, frame, numbers, ok, settings, status200 } from "../../servers/http2-raw.ts";
import { inMemory } from "./in-memory.ts";

/** Four responses as servers interleave them, with all that is legal. */
const conversation = Buffer.concat([
  settings({ 3: 100, 4: 1 << 20 }),
  frame(8, 0, 0, numbers(1 << 20)),
  frame(4, 1, 0),
  frame(1, 4, 3, Buffer.concat([Buffer.from([0x20]), status200, field("x-envoy-worker", "worker_2")])),
  frame(1, 4, 1, field(":status", "103")),
  frame(0, 0, 3, Buffer.alloc(300, 1)),
  frame(1, 0x2c, 1, [2, 0, 0, 0, 3, 16, 0x8d, 0, 0]),
  frame(0, 8, 1, [4, 1, 0, 0, 0, 0]),
  frame(6, 0, 0, Buffer.from("12345678")),
  frame(0, 1, 3),
  frame(0x42, 7, 5, Buffer.alloc(20)),
  frame(1, 0, 5, field(":status", "418")),
  frame(9, 0, 5, field("a", "b").subarray(0, 1)),
  frame(9, 4, 5, field("a", "b").subarray(1)),
  frame(1, 5, 5, field("x-checksum", "1")),
  frame(0, 9, 1, [0]),
  frame(3, 0, 7, numbers(2)),
]);
const outcome = [
  "granted 100",
  "ready",
  "answered by 2",
  "completed 1 200",
  "completed 2 418",
  "completed 0 404",
  "failed 3 reset",
];

const read = (cuts: readonly number[]): [told: string[], sent: string] => {
  const connection = inMemory();
  connection.send(0, 1, 2, 3);
  connection.sent();
  connection.receive(conversation, cuts);
  return [connection.told, connection.sent().toString("hex")];
};
const answers = Buffer.concat([frame(4, 1, 0), frame(6, 1, 0, Buffer.from("12345678"))]).toString("hex");

describe("octets of a server", () => {
  test("mean the same wherever they are cut once", () => {
    for (let cut = 0; cut <= conversation.length; cut++) expect(read([cut])).toEqual([outcome, answers]);
  });

  test("mean the same one by one, and in any parts", () => {
    expect(read(Array.from({ length: conversation.length }, (_, i) => i))).toEqual([outcome, answers]);
    const anyCuts = fc.array(fc.nat(conversation.length), { maxLength: 12 });
    fc.assert(
      fc.property(anyCuts, (cuts) => {
        expect(read(cuts.sort((a, b) => a - b))).toEqual([outcome, answers]);
      }),
    );
  });

  test("never throw or end a request twice, however they are changed", () => {
    const change = fc.record({ at: fc.nat(conversation.length - 1), octet: fc.nat(255) });
    const anyStream = fc.record({
      changes: fc.array(change, { minLength: 1, maxLength: 4 }),
      cut: fc.nat(conversation.length),
    });
    fc.assert(
      fc.property(anyStream, ({ changes, cut }) => {
        const octets = Buffer.from(conversation);
        for (const { at, octet } of changes) octets[at] = octet;
        const whole = inMemory();
        const parted = inMemory();
        for (const connection of [whole, parted]) connection.send(0, 1, 2, 3);
        whole.receive(octets);
        parted.receive(octets, [cut]);
        expect(parted.told).toEqual(whole.told);
        const ended = whole.told
          .filter((line) => /^(completed|failed)/.test(line))
          .map((line) => line.split(" ")[1]);
        expect(new Set(ended).size).toBe(ended.length);
        expect(whole.told.filter((line) => line.startsWith("broken")).length).toBeLessThan(2);
        // What was neither answered nor failed is still known, and can be given up.
        expect(whole.session.close().length).toBe(4 - ended.length);
      }),
      { numRuns: 50_000 },
    );
  }, 60_000);

  test("never throw when they are random, after SETTINGS", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        const connection = inMemory();
        connection.send(0, 1);
        connection.receive(Buffer.concat([settings(), octets]));
        expect(connection.told[0]).toBe("granted Infinity");
      }),
      { numRuns: 50_000 },
    );
  }, 60_000);
});

const framesOf = (octets: Buffer): [type: number, flags: number, streamId: number, length: number][] => {
  const list: [number, number, number, number][] = [];
  for (let at = 0; at < octets.length; at += 9 + octets.readUIntBE(at, 3))
    list.push([octets[at + 3]!, octets[at + 4]!, octets.readUInt32BE(at + 5), octets.readUIntBE(at, 3)]);
  return list;
};

const dataOf = (octets: Buffer) => framesOf(octets).filter(([type]) => type === 0);

describe("streams", () => {
  test("have odd numbers that rise, and a number is left out where an old stream holds its place", () => {
    const { send, receive, streams, sent } = inMemory({ streams: 2 });
    receive(settings());
    sent();
    send(0);
    const used: number[] = [];
    for (let i = 0; i < 6; i++) {
      send(1);
      used.push(streams.id[1]!);
      receive(ok(streams.id[1]!));
    }
    // Stream 1 lasts, so that 9 and 17, eight further each, would share its place of four.
    expect(streams.id[0]).toBe(1);
    expect(used).toEqual([3, 5, 7, 11, 13, 15]);
    expect(framesOf(sent()).map(([, , id]) => id)).toEqual([1, ...used]);
  });

  test("come to an end: then the connection takes no more, and is left when the last one is answered", () => {
    const { send, receive, told } = inMemory({ streams: 1, lastStreamId: 11 });
    receive(settings());
    for (let id = 1; !told.includes("granted 0"); id += 2) {
      send(0);
      receive(ok(id));
    }
    expect(told.slice(2)).toEqual([
      "completed 0 200",
      "completed 0 200",
      "completed 0 200",
      "granted 0",
      "completed 0 200",
      "drained",
    ]);
  });

  test("that have ended may not speak again, unless we ended one", () => {
    const strict = inMemory();
    strict.receive(settings());
    strict.send(0);
    strict.receive(Buffer.concat([ok(1), frame(0, 0, 1, [1])]));
    expect(strict.told.at(-1)).toBe("broken STREAM_CLOSED");
    const lenient = inMemory();
    lenient.receive(settings());
    lenient.send(0, 1);
    lenient.session.cancel(0);
    lenient.receive(Buffer.concat([frame(1, 4, 1, status200), frame(0, 1, 1, [1]), ok(3)]));
    expect(lenient.told.at(-1)).toBe("completed 1 200");
  });
});

describe("windows", () => {
  test("of 2^31 − 1 are enlarged by what was received, of the stream and of the connection", () => {
    const { send, receive, sent, session } = inMemory();
    receive(settings());
    send(0, 1);
    sent();
    receive(Buffer.concat([frame(1, 4, 1, status200), frame(1, 4, 3, status200)]));
    const octets = Buffer.concat([
      frame(0, 0, 1, Buffer.alloc(16_384)),
      frame(0, 0, 3, Buffer.alloc(16_384)),
    ]);
    for (let i = 0; i < 65_536; i++) session.read(octets, 0, octets.length);
    const updates = framesOf(sent());
    // 2 GiB in two streams: the connection's twice, each stream's once.
    expect(updates.sort(([, , a], [, , b]) => a - b)).toEqual([
      [8, 0, 0, 4],
      [8, 0, 0, 4],
      [8, 0, 1, 4],
      [8, 0, 3, 4],
    ]);
  });

  test("bound the bodies we send, and SETTINGS change them for streams in flight too", () => {
    const { send, receive, sent } = inMemory({ body: Buffer.alloc(100_000) });
    receive(settings({ 4: 10 }));
    sent();
    send(0);
    expect(dataOf(sent())).toEqual([[0, 0, 1, 10]]);
    receive(settings({ 4: 5 }));
    receive(frame(8, 0, 1, numbers(5)));
    expect(dataOf(sent())).toEqual([]);
    receive(settings({ 4: 25 }));
    expect(dataOf(sent())).toEqual([[0, 0, 1, 20]]);
    receive(frame(8, 0, 1, numbers(1_000_000)));
    // What the connection's 65 535 leave: in frames of 16 384 at most.
    expect(dataOf(sent())).toEqual(
      [16_384, 16_384, 16_384, 65_535 - 30 - 3 * 16_384].map((n) => [0, 0, 1, n]),
    );
    receive(frame(8, 0, 0, numbers(1_000_000)));
    expect(dataOf(sent())).toEqual([
      [0, 0, 1, 16_384],
      [0, 0, 1, 16_384],
      [0, 1, 1, 100_000 - 65_535 - 2 * 16_384],
    ]);
  });

  test("do not hold a stream open that was answered before its body was sent", () => {
    const { send, receive, sent, told } = inMemory({ body: Buffer.alloc(100_000) });
    receive(settings());
    send(0);
    sent();
    receive(Buffer.concat([ok(1), frame(3, 0, 1, numbers(0)), frame(8, 0, 1, numbers(1000))]));
    expect(told.at(-1)).toBe("completed 0 200");
    expect(framesOf(sent())).toEqual([[3, 0, 1, 4]]);
  });
});

test("the preface is the client's, and the first request says that its table is empty", () => {
  const { send, sent } = inMemory();
  send(0, 1);
  const octets = sent();
  expect(octets.subarray(0, 24).toString()).toBe("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  const [ours, window, first, next] = framesOf(octets.subarray(24));
  expect([ours, window]).toEqual([
    [4, 0, 0, 18],
    [8, 0, 0, 4],
  ]);
  expect([first, next]).toEqual([
    [1, 5, 1, 7],
    [1, 5, 3, 6],
  ]);
});
