import type { Socket } from "node:net";
import { expect, test, vi } from "vitest";
import type { LoadPlan } from "../../../src/plan/plan.ts";
import { floods, wrongFrames, wrongHeads } from "../../servers/http2-behaviours.ts";
import { frame, numbers, ok, startRawHttp2, status200 } from "../../servers/http2-raw.ts";
import type { RawBehaviour } from "../../servers/http2-raw.ts";
import { drive, outcomes } from "../drive.ts";

const quick: Partial<LoadPlan> = { protocol: "h2", connections: 4, qps: 400, exactly: 40, timeoutUs: 5e6 };

/** Does wrong on the first connection that asks, and right on all others. */
function onFirstConnection(wrong: NonNullable<RawBehaviour["onRequest"]>): RawBehaviour {
  let first: Socket | null = null;
  return {
    onRequest: (socket, streamId, nth) => {
      first ??= socket;
      if (socket === first) wrong(socket, streamId, nth);
      else socket.write(ok(streamId));
    },
  };
}

const opened = (id: number): Buffer => frame(1, 4, id, status200);

/** The reset would overtake bytes still unsent, and unread ones. */
const resetsAfter = (octets: (id: number) => Buffer) => (socket: Socket, id: number) =>
  void socket.write(octets(id), () => setTimeout(() => socket.resetAndDestroy(), 30));

const half = (id: number): Buffer =>
  Buffer.concat([opened(id), frame(0, 1, id, [1, 2, 3, 4]).subarray(0, 11)]);
const storm = Buffer.concat(Array<Buffer>(1000).fill(frame(7, 0, 0, numbers(0, 0))));

type Case = readonly [what: string, failure: string, behaviour: NonNullable<RawBehaviour["onRequest"]>];

const cases: readonly Case[] = [
  ...[...wrongFrames, ...wrongHeads].map(
    ([what, , { onRequest }]) => [what, "protocol", onRequest!] as const,
  ),
  ...floods.map(([what, , { onRequest }]) => [`floods with ${what}`, "protocol", onRequest!] as const),
  ["resets instead of an answer", "reset", (socket) => void socket.resetAndDestroy()],
  ["resets mid-header", "reset", resetsAfter((id) => ok(id).subarray(0, 5))],
  ["resets mid-body", "reset", resetsAfter(half)],
  ["closes mid-header", "closed-early", (socket, id) => void socket.end(ok(id).subarray(0, 5))],
  ["closes mid-body", "closed-early", (socket, id) => void socket.end(half(id))],
  ["storms with GOAWAY", "goaway", (socket) => void socket.write(storm)],
];

test.concurrent.each(cases)(
  "beside a server that %s on one connection, the others are unharmed: one request is %s",
  async (_, failure, behaviour) => {
    await using server = await startRawHttp2(onFirstConnection(behaviour));
    const load = await drive(server.url, quick);
    expect(outcomes(load.samples)).toEqual({ 200: 39, [failure]: 1 });
    expect([server.connections, load.connections.length]).toEqual([5, 5]);
    await vi.waitFor(() => expect(server.open).toBe(0), { timeout: 10_000 });
  },
);

// Streams are cancelled one by one, and the connection stays: its requests alone run out.
test.concurrent.each<Case>([
  ["never answers", "timeout", () => {}],
  [
    "answers half a header",
    "timeout",
    (socket, id, nth) => void (nth === 1 && socket.write(ok(id).subarray(0, 5))),
  ],
  ["answers half a body", "timeout", (socket, id, nth) => void (nth === 1 && socket.write(half(id)))],
])("beside a server that %s on one connection, the others are unharmed", async (_, __, behaviour) => {
  await using server = await startRawHttp2(onFirstConnection(behaviour));
  const load = await drive(server.url, { ...quick, timeoutUs: 500_000 });
  const {
    200: answered,
    timeout = 0,
    unfinished = 0,
    "never-sent": unsent = 0,
    ...rest
  } = outcomes(load.samples);
  expect(rest).toEqual({});
  expect([answered, timeout + unfinished + unsent]).toEqual([30, 10]);
  expect(timeout).toBeGreaterThan(0);
  await vi.waitFor(() => expect(server.open).toBe(0), { timeout: 10_000 });
});

// A second between two requests of a connection: a busy machine does not ask while they do it either.
test.concurrent.each<Case>([
  ["closes between requests", "", (socket, id) => void socket.end(ok(id))],
  [
    "answers again when nobody asked",
    "",
    (socket, id) => {
      socket.write(ok(id));
      setTimeout(() => socket.write(ok(id)), 5);
    },
  ],
])("a server that %s on one connection harms no request", async (_, __, behaviour) => {
  await using server = await startRawHttp2(onFirstConnection(behaviour));
  const load = await drive(server.url, { ...quick, qps: 4, exactly: 8 });
  expect(outcomes(load.samples)).toEqual({ 200: 8 });
  expect(server.connections).toBe(5);
  await vi.waitFor(() => expect(server.open).toBe(0), { timeout: 10_000 });
});
