import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { monotonicUs } from "../../src/clock.ts";
import { Collector } from "../../src/driver/collector.ts";
import { takeDeliveries } from "../../src/driver/deliveries.ts";
import { LentSocket } from "../../src/driver/lent-socket.ts";
import { loadLibc } from "../../src/driver/libc.ts";
import type { Libc } from "../../src/driver/libc.ts";
import { openReadings, Readings } from "../../src/driver/readings.ts";

const libc = loadLibc()!;

interface Pair extends AsyncDisposable {
  /** Paused, and lent to the collector as slot 3. */
  readonly socket: LentSocket;
  readonly peer: Socket;
  readonly readings: Readings;
  readonly collector: Collector;
}

async function pair(through: Libc = libc): Promise<Pair> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const accepted = once(server, "connection");
  const options = { ...(server.address() as { port: number }), host: "127.0.0.1" };
  const onread = { buffer: Buffer.alloc(1 << 16), callback: () => true };
  const socket = new LentSocket({ ...options, onread } as never, () => {});
  socket.connect({ ...options, onread } as never);
  await once(socket, "connect");
  const [peer] = (await accepted) as [Socket];
  peer.setNoDelay();
  const readings = new Readings(through, { slots: 8, everyUs: 0, echo: -1 });
  socket.pause();
  expect(readings.lend(3, socket.descriptor)).toBe(true);
  // The first stamps of a machine are delayed until the kernel has been patched for them.
  await sleep(20);
  return {
    socket,
    peer,
    readings,
    collector: new Collector(through, readings.collecting),
    [Symbol.asyncDispose]: async () => {
      readings[Symbol.dispose]();
      socket.on("error", () => {}).destroy();
      peer.destroy();
      await once(server.close(), "close");
    },
  };
}

interface Delivery {
  readonly slot: number;
  readonly text: string;
  readonly receivedUs: number;
}

function taken({ readings }: Pair): Delivery[] {
  const all: Delivery[] = [];
  const { deliveries } = readings.collecting;
  takeDeliveries(deliveries, (slot, lending, start, count, receivedUs) => {
    const text = Buffer.from(deliveries.octets.subarray(start, start + count)).toString("latin1");
    expect(readings.isOf(slot, lending)).toBe(true);
    all.push({ slot, text, receivedUs });
  });
  return all;
}

test("knows when the kernel received what has been lying for a while", async () => {
  await using lent = await pair();
  for (let round = 0; round < 5; round++) {
    const beforeUs = monotonicUs();
    lent.peer.write(`response ${round}`);
    const afterUs = monotonicUs();
    await sleep(30);
    expect(lent.collector.collect()).toBe(true);
    const [delivery, ...more] = taken(lent);
    expect(more).toEqual([]);
    expect(delivery).toMatchObject({ slot: 3, text: `response ${round}` });
    // The write itself takes the octets to the other side's kernel.
    expect(delivery!.receivedUs).toBeGreaterThan(beforeUs - 50);
    expect(delivery!.receivedUs).toBeLessThan(afterUs + 50);
    expect(lent.collector.collect()).toBe(false);
  }
});

test("delivers the last octets and the end in one", async () => {
  await using lent = await pair();
  lent.peer.end("last");
  await sleep(20);
  lent.collector.collect();
  expect(taken(lent)).toMatchObject([{ text: "last" }, { text: "" }]);
});

test("delivers what is longer than a cell in pieces, with nothing lost", async () => {
  await using lent = await pair();
  const text = Array.from({ length: 10_000 }, (_, index) => String.fromCharCode(97 + (index % 26))).join("");
  lent.peer.write(text);
  const pieces: string[] = [];
  while (pieces.join("").length < text.length) {
    lent.collector.collect(100);
    pieces.push(...taken(lent).map((delivery) => delivery.text));
  }
  expect(pieces.length).toBeGreaterThan(2);
  expect(pieces.join("")).toBe(text);
});

test("leaves in the connection what there is no room for", async () => {
  await using lent = await pair();
  for (let index = 0; index < 600; index++) {
    lent.peer.write(String(index % 10));
    expect(lent.collector.collect(index < 512 ? 1000 : 0)).toBe(index < 512);
  }
  const texts = taken(lent).map(({ text }) => text);
  expect(texts).toHaveLength(512);
  while (texts.join("").length < 600) {
    lent.collector.collect(1000);
    texts.push(...taken(lent).map(({ text }) => text));
  }
  expect(texts.join("")).toBe(Array.from({ length: 600 }, (_, index) => index % 10).join(""));
});

test.each<[what: string, end: (peer: Socket) => void, message: string]>([
  ["closed", (peer) => peer.end(), "end"],
  ["reset", (peer) => peer.resetAndDestroy(), "ECONNRESET"],
])("gives a connection that was %s back as it is", async (_, end, seen) => {
  await using lent = await pair();
  const { socket, readings, collector } = lent;
  const told = new Promise<string>((resolve) => {
    socket.once("end", () => resolve("end"));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code!));
  });
  end(lent.peer);
  await sleep(20);
  expect(collector.collect()).toBe(true);
  expect(taken(lent)).toMatchObject([{ slot: 3, text: "" }]);
  expect(collector.collect()).toBe(false);
  expect(taken(lent)).toEqual([]);
  readings.takeBack(3);
  socket.resume();
  expect(await told).toBe(seen);
});

test("reads nothing once it was taken back", async () => {
  await using lent = await pair();
  const { socket, readings, collector, peer } = lent;
  readings.takeBack(3);
  peer.write("not for the collector");
  await sleep(20);
  expect(collector.collect()).toBe(false);
  expect(readings.lend(3, socket.descriptor)).toBe(true);
  expect(collector.collect(1000)).toBe(true);
  expect(taken(lent)).toMatchObject([{ text: "not for the collector" }]);
});

test.each<[what: string, bySeconds: number]>([
  ["an hour earlier", -3600],
  ["some seconds earlier", -3],
  ["some seconds later", 3],
])("knows no time of octets that came before the time of day was set %s", async (_, bySeconds) => {
  const ffi = process.getBuiltinModule("node:ffi");
  const set: Libc = {
    ...libc,
    clock_gettime: (clock, at) => {
      const answer = libc.clock_gettime(clock, at);
      ffi.setInt64(at, 0, ffi.getInt64(at) + BigInt(bySeconds));
      return answer;
    },
  };
  await using lent = await pair(set);
  lent.peer.write("x");
  await sleep(20);
  lent.collector.collect();
  expect(taken(lent)).toMatchObject([{ text: "x", receivedUs: NaN }]);
});

test("knows no time where the kernel tells none", async () => {
  await using lent = await pair({ ...libc, setsockopt: () => 0 });
  lent.peer.write("x");
  await sleep(20);
  lent.collector.collect();
  expect(taken(lent)).toMatchObject([{ text: "x", receivedUs: NaN }]);
});

test("rests as long as it is told, whatever comes, unless a connection ends", async () => {
  await using lent = await pair();
  const { collector, peer } = lent;
  peer.write("a response");
  await sleep(20);
  let beganUs = monotonicUs();
  expect(collector.rest(50_500)).toBe(false);
  expect(monotonicUs() - beganUs).toBeGreaterThanOrEqual(50_500);
  expect(taken(lent)).toEqual([]);
  peer.end();
  await sleep(20);
  beganUs = monotonicUs();
  expect(collector.rest(20e6)).toBe(true);
  expect(monotonicUs() - beganUs).toBeLessThan(10e6);
  // What came before the end is told with it.
  expect(taken(lent)).toMatchObject([{ text: "a response" }, { text: "" }]);
  expect(collector.rest(10_000)).toBe(false);
});

test("this machine's kernel tells when it received something", () => {
  using readings = openReadings(1, 0);
  expect(readings).not.toBeNull();
});

test.each<[what: string, missing: Partial<Libc>]>([
  ["tells no times", { setsockopt: () => 0 }],
  ["cannot be rested on", { epoll_pwait2: () => -1 }],
  ["has no connection to itself", { connect: () => -1 }],
])("nothing is collected where the kernel %s", (_, missing) => {
  const before = readdirSync("/proc/self/fd").length;
  expect(openReadings(1, 0, { ...libc, ...missing })).toBeNull();
  expect(readdirSync("/proc/self/fd")).toHaveLength(before);
});

test("responses that are too long to be left lying end the lending", async () => {
  await using lent = await pair();
  const { readings, socket } = lent;
  readings.seen(16_384);
  expect(readings.over).toBe(false);
  readings.seen(16_385);
  readings.takeBack(3);
  expect(readings.lend(3, socket.descriptor)).toBe(false);
});
