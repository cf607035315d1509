import type { Socket } from "node:net";
import { expect, test, vi } from "vitest";
import type { LoadPlan } from "../../../src/plan/plan.ts";
import { floods, wrongFrames, wrongHeads } from "../../servers/http2-behaviours.ts";
import { field, frame, numbers, ok, settings, startRawHttp2, status200 } from "../../servers/http2-raw.ts";
import type { RawBehaviour, RawHttp2Server } from "../../servers/http2-raw.ts";
import { drive, outcomes } from "../drive.ts";
import { inMemory } from "./in-memory.ts";

/** RFC 9113 §7, by code. */
const errors = (
  "NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT STREAM_CLOSED FRAME_SIZE_ERROR " +
  "REFUSED_STREAM CANCEL COMPRESSION_ERROR CONNECT_ERROR ENHANCE_YOUR_CALM INADEQUATE_SECURITY HTTP_1_1_REQUIRED"
).split(" ");

const quick: Partial<LoadPlan> = {
  protocol: "h2",
  connections: 1,
  streams: 2,
  qps: 0,
  exactly: 6,
  timeoutUs: 5e6,
};

/** Why the client closed its connections, as it told the server. */
function goaways({ frames }: RawHttp2Server): string[] {
  const codes = frames.flat().filter(({ type }) => type === 7);
  return codes.map(({ payload }) => errors[payload.readUInt32BE(4)]!);
}

const wrong = [...wrongFrames, ...wrongHeads];

test.concurrent.each(wrong)("a server that %s breaks the protocol: %s", async (_, error, behaviour) => {
  await using server = await startRawHttp2(behaviour);
  const load = await drive(server.url, quick);
  expect(outcomes(load.samples)).toEqual({ protocol: 6 });
  // Both requests of a connection fail together, and the next ones get a new connection.
  expect(server.connections).toBe(3);
  await vi.waitFor(
    () => {
      expect(goaways(server)).toEqual([error, error, error]);
      expect(server.open).toBe(0);
    },
    { timeout: 10_000 },
  );
});

test.concurrent.each(floods)(
  "a server that floods with %s breaks the protocol",
  async (_, error, behaviour) => {
    await using server = await startRawHttp2(behaviour);
    const load = await drive(server.url, quick);
    expect(outcomes(load.samples)).toEqual({ protocol: 6 });
    expect(server.connections).toBe(3);
    await vi.waitFor(() => expect(server.open).toBe(0), { timeout: 10_000 });
    // What is left unread of a flood resets the connection, which may take our GOAWAY with it.
    expect(goaways(server).filter((name) => name !== error)).toEqual([]);
  },
);

test.each([...wrong, ...floods])("%s is %s, and nothing after it is read", (_, error, behaviour) => {
  const octets: Buffer[] = [];
  const socket = { write: (some: Buffer) => octets.push(some) } as unknown as Socket;
  const connection = inMemory();
  connection.receive(settings());
  connection.send(0, 1);
  behaviour.onRequest!(socket, 1, 1);
  connection.receive(Buffer.concat([...octets, ok(1), ok(3)]));
  const told = connection.told.filter((line) => line !== "granted 0");
  expect(told).toEqual(["granted Infinity", "ready", `broken ${error}`]);
});

test.each<[what: string, greeting: Buffer, reason: RegExp]>([
  ["answers in HTTP/1.1", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), /HTTP_1_1_REQUIRED/],
  ["answers with garbage", Buffer.from("\x00\x00\x01garbage of any kind"), /PROTOCOL_ERROR/],
  ["begins with PING", frame(6, 0, 0, Buffer.alloc(8)), /PROTOCOL_ERROR: the first frame is not SETTINGS/],
  ["begins with an acknowledgement", frame(4, 1, 0), /PROTOCOL_ERROR: the first frame is not SETTINGS/],
  ["says nothing", Buffer.alloc(0), /said no SETTINGS/],
])("a server that %s is not driven at all", async (_, greeting, reason) => {
  await using server = await startRawHttp2({ greeting });
  await expect(drive(server.url, { ...quick, timeoutUs: 300_000 })).rejects.toThrow(reason);
});

test.each<[what: string, behaviour: RawBehaviour, expected: Record<string, number>, connections: number]>([
  [
    "refuses every stream",
    { onRequest: (s, id) => void s.write(frame(3, 0, id, numbers(7))) },
    { "refused-stream": 6 },
    1,
  ],
  [
    "resets every stream",
    { onRequest: (s, id) => void s.write(frame(3, 0, id, numbers(2))) },
    { reset: 6 },
    1,
  ],
  ["resets every connection", { onRequest: (s) => void s.resetAndDestroy() }, { reset: 6 }, 3],
  [
    "closes every connection",
    { onRequest: (s, _, nth) => void (nth === 2 && s.end()) },
    { "closed-early": 6 },
    3,
  ],
  [
    "closes mid-body",
    {
      onRequest: (s, id, nth) =>
        void (nth === 2 && s.end(Buffer.concat([frame(1, 4, id, status200), frame(0, 0, id, [1, 2])]))),
    },
    { "closed-early": 6 },
    3,
  ],
  [
    "goes away at once, again and again",
    {
      onRequest: (s) => void s.write(Buffer.concat(Array<Buffer>(1000).fill(frame(7, 0, 0, numbers(0, 0))))),
    },
    { goaway: 6 },
    3,
  ],
])("a server that %s has every request accounted for", async (_, behaviour, expected, connections) => {
  await using server = await startRawHttp2(behaviour);
  const load = await drive(server.url, quick);
  expect(outcomes(load.samples)).toEqual(expected);
  expect(server.connections).toBe(connections);
  expect(load.connections.length).toBe(connections);
  await expect.poll(() => server.open).toBe(0);
});

test("a GOAWAY lets the streams it names finish, fails the others, and the next request connects anew", async () => {
  await using server = await startRawHttp2({
    onRequest: (socket, id, nth) => {
      // Of each three requests at once the first is answered, the second too, and the third is not.
      if (nth === 3)
        socket.write(Buffer.concat([frame(7, 0, 0, numbers(id - 2, 0)), ok(id - 4), ok(id - 2)]));
    },
  });
  const load = await drive(server.url, { ...quick, streams: 3, exactly: 9 });
  expect(outcomes(load.samples)).toEqual({ 200: 6, goaway: 3 });
  expect(server.connections).toBe(3);
  await expect.poll(() => server.open).toBe(0);
});

test("a GOAWAY without an end finishes all, and takes no new request", async () => {
  await using server = await startRawHttp2({
    onRequest: (socket, id, nth) => {
      if (nth === 2) socket.write(frame(7, 0, 0, numbers(2 ** 31 - 1, 0)));
      setTimeout(() => socket.write(ok(id)), 20);
    },
  });
  const load = await drive(server.url, { ...quick, exactly: 8 });
  expect(outcomes(load.samples)).toEqual({ 200: 8 });
  expect(server.frames.map((frames) => frames.filter(({ type }) => type === 1).length)).toEqual([2, 2, 2, 2]);
});

test("what waits for a connection that goes away is blocked by its server, not late by us", async () => {
  await using server = await startRawHttp2({
    onRequest: (socket, id, nth) => {
      if (nth === 2) socket.write(Buffer.concat([frame(7, 0, 0, numbers(id, 0)), ok(id - 2)]));
      if (nth === 2) setTimeout(() => socket.write(ok(id)), 1000);
    },
  });
  const { samples } = await drive(server.url, { ...quick, exactly: 4 });
  expect(outcomes(samples)).toEqual({ 200: 4 });
  // The third begins when the first is answered, and waits for the second, a second later.
  const blocked = [...samples.blockedUs.keys()].filter((i) => samples.blockedUs[i]! > 500_000);
  expect(blocked.length).toBe(1);
  expect(samples.lagUs[blocked[0]!]).toBeLessThan(500_000);
});

test("what waits until the server allows more streams is blocked by it, not late by us", async () => {
  await using server = await startRawHttp2({
    greeting: settings({ 3: 1 }),
    onRequest: (socket, id, nth) => {
      if (nth === 1) setTimeout(() => socket.write(settings({ 3: 3 })), 1000);
      if (nth === 3) socket.write(Buffer.concat([ok(id - 4), ok(id - 2), ok(id)]));
    },
  });
  const { samples } = await drive(server.url, { ...quick, streams: 3, exactly: 3 });
  expect(outcomes(samples)).toEqual({ 200: 3 });
  const blocked = [...samples.blockedUs.keys()].filter((i) => samples.blockedUs[i]! > 500_000);
  expect(blocked.length).toBe(2);
  for (const i of blocked) expect(samples.lagUs[i]).toBeLessThan(500_000);
});

test("a stream that waits too long is cancelled, and neither the connection nor the others take harm", async () => {
  await using server = await startRawHttp2({
    onRequest: (socket, id, nth) => {
      if (nth !== 1) socket.write(ok(id));
      // Its answer comes when nobody waits for it any more.
      else
        setTimeout(
          () => socket.write(Buffer.concat([frame(1, 4, id, status200), frame(0, 1, id, [1])])),
          700,
        );
    },
  });
  const load = await drive(server.url, { ...quick, qps: 100, exactly: 90, timeoutUs: 500_000 });
  expect(outcomes(load.samples)).toEqual({ 200: 89, timeout: 1 });
  expect(server.connections).toBe(1);
  const resets = server.frames[0]!.filter(({ type }) => type === 3);
  expect(resets.map(({ streamId, payload }) => [streamId, payload.readUInt32BE(0)])).toEqual([[1, 8]]);
  expect(goaways(server)).toEqual([]);
});

test("padding, priority, CONTINUATION, unknown frames and trailers are part of a legal response", async () => {
  const status = field(":status", "201");
  await using server = await startRawHttp2({
    onRequest: (socket, id) =>
      void socket.write(
        Buffer.concat([
          // Three octets of padding, a dependency and its weight, the start of a block, the padding.
          frame(1, 0x28, id, [3, 0, 0, 0, 0, 16, 0x20, ...status.subarray(0, 4), 0, 0, 0]),
          frame(9, 0, id, status.subarray(4)),
          frame(9, 4, id, field("x-envoy-worker", "w_7")),
          frame(99, 255, id, Buffer.alloc(100)),
          frame(0, 8, id, [2, 1, 2, 0, 0]),
          frame(0, 8, id, [0]),
          frame(6, 0, 0, Buffer.from("pingpong")),
          frame(1, 5, id, field("x-checksum", "1")),
        ]),
      ),
  });
  const load = await drive(server.url, quick);
  expect(outcomes(load.samples)).toEqual({ 201: 6 });
  expect(load.connections.map(({ headerWorker }) => headerWorker)).toEqual([7]);
  const pongs = server.frames[0]!.filter(({ type, flags }) => type === 6 && flags === 1);
  expect(pongs.map(({ payload }) => payload.toString())).toEqual(Array<string>(6).fill("pingpong"));
});

test("a server that allows no stream gets none, and the requests time out", async () => {
  await using server = await startRawHttp2({ greeting: settings({ 3: 0 }) });
  const load = await drive(server.url, { ...quick, exactly: 3, timeoutUs: 300_000 });
  const { timeout = 0, unfinished = 0, "never-sent": neverSent = 0, ...rest } = outcomes(load.samples);
  expect(rest).toEqual({});
  expect(timeout + unfinished + neverSent).toBe(3);
  expect(server.frames[0]!.filter(({ type }) => type === 1)).toEqual([]);
});
