import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { monotonicUs } from "../../src/clock.ts";
import type { Connections } from "../../src/driver/connections.ts";
import { cellOctets, deliver, nextCell } from "../../src/driver/deliveries.ts";
import { createLentSlots, lend, recall } from "../../src/driver/lent-slots.ts";
import { openReadings } from "../../src/driver/readings.ts";
import { Sender, senderSends } from "../../src/driver/sender.ts";
import type { TlsSettings } from "../../src/driver/tls-client.ts";
import type { WireRequest } from "../../src/driver/wire-requests.ts";
import type { LoadPlan } from "../../src/plan/plan.ts";
import { createSchedule } from "../../src/plan/schedule.ts";
import type { ScheduleSpec } from "../../src/plan/schedule.ts";
import { exampleLoad } from "../plan/example-load.ts";

const request = Buffer.from("0123456789abcdef".repeat(512));

const scheduleOf = (limit: number, slots: number): ScheduleSpec => ({
  qps: 1000,
  cycle: slots,
  stages: [],
  positions: Array.from({ length: slots }, (_, slot) => [slot]),
  durationUs: Infinity,
  limit,
  warmupUs: 0,
  arrivals: "fixed",
  uniform: true,
  jitter: false,
  seed: 1,
  thread: 0,
});

/** Pipes in the place of connections: what they take and hold is exactly known. */
function pipes(count: number): Disposable & { readonly descriptors: readonly number[] } {
  const folder = mkdtempSync(join(tmpdir(), "mesh-load-sender-"));
  const paths = Array.from({ length: count }, (_, index) => join(folder, String(index)));
  execFileSync("mkfifo", paths);
  const descriptors = paths.map((path) => openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
  return {
    descriptors,
    [Symbol.dispose]: () => {
      descriptors.forEach((descriptor) => closeSync(descriptor));
      rmSync(folder, { recursive: true });
    },
  };
}

interface Told {
  readonly recalled: readonly number[];
  readonly fired: readonly (readonly [slot: number, dueUs: number])[];
  readonly skipped: number;
}

/** Lets a sender send `limit` requests to these descriptors (−1 = not lent), and tells what it handed over. */
async function send(
  descriptors: readonly number[],
  limit: number,
  { nocatchup = false, slots = createLentSlots(descriptors.length) } = {},
): Promise<Told> {
  descriptors.forEach((descriptor, slot) => descriptor >= 0 && lend(slots, slot, descriptor));
  const recalled: number[] = [];
  const fired: [number, number][] = [];
  const connections = {
    skipped: 0,
    takeBackReading: () => {},
    recall: (slot: number) => void (recall(slots, slot) && recalled.push(slot)),
    fire: (slot: number, dueUs: number) => void fired.push([slot, dueUs]),
  };
  const startAtUs = monotonicUs() + 150_000;
  using sender = new Sender({
    load: { ...exampleLoad, timeoutUs: 60e6, nocatchup },
    schedule: scheduleOf(limit, descriptors.length),
    startAtUs,
    request,
    slots,
    readings: null,
    connections: connections as unknown as Connections,
    onWake: () => sender.tick(),
  });
  while (!sender.over) {
    await sleep(5);
    sender.tick();
  }
  return {
    recalled,
    fired: fired.map(([slot, dueUs]) => [slot, Math.round(dueUs - startAtUs)]),
    skipped: connections.skipped,
  };
}

function readAll(descriptor: number): Buffer {
  const buffer = Buffer.alloc(1 << 17);
  return buffer.subarray(0, readSync(descriptor, buffer));
}

test("writes each request once, whole, to the descriptor of its slot", async () => {
  using connections = pipes(3);
  const told = await send(connections.descriptors, 3);
  expect(told).toEqual({ recalled: [0, 1, 2], fired: [], skipped: 0 });
  for (const descriptor of connections.descriptors) expect(readAll(descriptor).equals(request)).toBe(true);
});

test("hands over what is due while a request of its slot is in flight, at its intended start", async () => {
  using connections = pipes(2);
  const told = await send(connections.descriptors, 6);
  // Slots take turns, a millisecond apart; nobody answers here, so the second and third of each are handed over.
  const schedule = createSchedule(scheduleOf(6, 2));
  const due: [number, number][] = [];
  for (; schedule.dueUs < Infinity; schedule.advance()) due.push([schedule.slot, schedule.dueUs]);
  expect(told.fired).toEqual(due.slice(2));
  for (const descriptor of connections.descriptors) expect(readAll(descriptor).equals(request)).toBe(true);
});

test("gives it up under nocatchup, and counts it", async () => {
  using connections = pipes(2);
  expect(await send(connections.descriptors, 6, { nocatchup: true })).toEqual({
    recalled: [0, 1],
    fired: [],
    skipped: 4,
  });
});

test("hands over every request of a slot that is not lent, also under nocatchup", async () => {
  const told = await send([-1], 3, { nocatchup: true });
  expect(told).toEqual({
    recalled: [],
    fired: [
      [0, 0],
      [0, 1000],
      [0, 2000],
    ],
    skipped: 0,
  });
});

test("hands over a request of which the connection takes nothing", async () => {
  using connections = pipes(1);
  const [descriptor] = connections.descriptors;
  fill(descriptor!, 0);
  const told = await send([descriptor!], 1);
  expect(told).toEqual({ recalled: [], fired: [[0, 0]], skipped: 0 });
  expect(readAll(descriptor!).includes(request)).toBe(false);
});

test("hands over the rest of a request of which the connection takes a part", async () => {
  using connections = pipes(1);
  const [descriptor] = connections.descriptors;
  // A pipe takes whole pages of what does not fit.
  fill(descriptor!, 4096);
  const slots = createLentSlots(1);
  const told = await send([descriptor!], 1, { slots });
  expect(told).toEqual({ recalled: [0], fired: [], skipped: 0 });
  const written = slots.written[0]!;
  expect(written).toBe(4096);
  expect(readAll(descriptor!).subarray(-written).equals(request.subarray(0, written))).toBe(true);
});

test("takes what was read for the connections that there are, and all readings back once responses are long", () => {
  const slots = createLentSlots(2);
  using readings = openReadings(2, 0)!;
  const { deliveries, reading } = readings.collecting;
  const told: string[] = [];
  const connections = {
    takeBackReading: (slot: number) => void told.push(`take back ${slot}`),
    deliver: (slot: number, buffer: Buffer, start: number, count: number, receivedUs: number) =>
      void told.push(`${slot} ${buffer.toString("latin1", start, start + count)} ${receivedUs}`),
    recall: () => {},
  };
  const sender = new Sender({
    load: { ...exampleLoad, timeoutUs: 60e6 },
    schedule: scheduleOf(1, 2),
    startAtUs: monotonicUs() + 60e6,
    request,
    slots,
    readings,
    connections: connections as unknown as Connections,
    onWake: () => {},
  });
  const put = (slot: number, lending: number, text: string): void => {
    deliveries.octets.set(Buffer.from(text), nextCell(deliveries) * cellOctets);
    deliver(deliveries, slot, lending, text.length, 7);
  };
  put(0, reading.lending[0]!, "now");
  put(1, reading.lending[1]! - 1, "of another connection");
  put(1, reading.lending[1]!, "too");
  put(1, reading.lending[1]!, "");
  sender.tick();
  expect(told.splice(0)).toEqual(["0 now 7", "1 too 7", "1  7"]);
  readings.seen(1e6);
  sender.tick();
  expect(told.splice(0)).toEqual(["take back 0", "take back 1"]);
  sender[Symbol.dispose]();
});

test("sends the same few octets on connections that stay, in time; anything else is not for it", () => {
  const load = { ...exampleLoad, qps: 100 };
  const one = { bytes: request, body: null, uuidAt: [], bodyUuidAt: [], isHead: false };
  const sends = (
    changes: Partial<LoadPlan>,
    requests: WireRequest[] = [one],
    tls: TlsSettings | null = null,
  ) => senderSends({ ...load, ...changes }, { requests, tls });
  expect(sends({})).toBe(true);
  expect(sends({ client: "standard" })).toBe(false);
  expect(sends({ qps: 0 })).toBe(false);
  expect(sends({ qps: 20_000, threads: 4 })).toBe(true);
  expect(sends({ qps: 20_000, threads: 2 })).toBe(false);
  expect(sends({ keepalive: false })).toBe(false);
  expect(sends({ pacing: "coarse" })).toBe(false);
  expect(sends({ pacing: "spin" })).toBe(false);
  expect(sends({ protocol: "h2" })).toBe(false);
  expect(sends({}, [{ ...one, bytes: Buffer.alloc(20_000) }])).toBe(false);
  expect(sends({}, [{ ...one, uuidAt: [5] }])).toBe(false);
  expect(sends({}, [one, one])).toBe(false);
  const tls: TlsSettings = {
    insecure: true,
    ca: [],
    cert: null,
    key: null,
    serverName: null,
    name: "h",
    resume: false,
    protocol: "http/1.1",
  };
  expect(sends({}, [one], tls)).toBe(false);
});

/** Leaves room for that many octets, in whole pages. */
function fill(descriptor: number, room: number): void {
  const page = Buffer.alloc(4096, "-");
  try {
    for (;;) writeSync(descriptor, page);
  } catch {
    // Full.
  }
  if (room > 0) readSync(descriptor, Buffer.alloc(room));
}
