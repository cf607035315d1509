/** Loads whose responses the sender reads, a while after they came. */

import { readdirSync } from "node:fs";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { collectEveryUs } from "../../src/driver/sender.ts";
import type { LoadPlan } from "../../src/plan/plan.ts";
import { splitSchedule } from "../../src/plan/split.ts";
import { exampleLoad } from "../plan/example-load.ts";
import * as behaviours from "../servers/behaviours.ts";
import { startServer } from "../servers/start-server.ts";
import type { Behaviour } from "../servers/start-server.ts";
import { drive, outcomes } from "./drive.ts";
import { wrongServers } from "./wrong-servers.ts";

/** A connection is used every 40 ms, and responses may lie for 10. */
const load: Partial<LoadPlan> = { qps: 200, connections: 8, durationUs: 500_000, timeoutUs: 5e6 };

function everyUs(changes: Partial<LoadPlan>, { port = 80 } = {}): number | null {
  const plan = { ...exampleLoad, ...load, ...changes };
  const request = { bytes: Buffer.alloc(100), body: null, uuidAt: [], bodyUuidAt: [], isHead: false };
  const schedule = splitSchedule(plan, plan.threads)[0]!;
  return collectEveryUs(plan, {
    requests: [request],
    tls: null,
    addresses: { hosts: ["127.0.0.1"], port },
    schedule,
  });
}

test("responses are left lying for a quarter of the time between two requests of a connection, 10 ms at most", () => {
  expect(everyUs({})).toBe(10_000);
  expect(everyUs({ connections: 128, qps: 3000 })).toBe(10_000);
  expect(everyUs({ connections: 32, qps: 2000 })).toBe(4000);
  expect(everyUs({ connections: 64, qps: 4000, threads: 2 })).toBe(4000);
  const stage = { durationUs: 1e6, fromQps: 200, toQps: 200, fromConnections: 16, toConnections: 4 };
  expect(everyUs({ connections: 16, stages: [stage] })).toBe(5000);
  expect(everyUs({ connections: 7, connectionWeights: [{ connections: 1, weight: 2 }] })).toBe(5000);
  // A response must not seem to be too late because it lay.
  expect(everyUs({ timeoutUs: 600_000 })).toBe(6000);
});

test.each<[what: string, changes: Partial<LoadPlan>, port?: number]>([
  ["connections are used again soon", { connections: 8, qps: 2000 }],
  ["the timeout is short", { timeoutUs: 100_000 }],
  ["requests are far apart", { qps: 99, connections: 100 }],
  ["there is less than a request in such a time", { connections: 3 }],
  ["any connection may be next", { arrivals: "poisson" }],
  ["a busy connection's request is given up", { nocatchup: true }],
  ["sockets have no stamps", {}, 0],
  ["the driver writes", { pacing: "coarse" }],
])("none are left lying where %s", (_, changes, port) => {
  expect(everyUs(changes, { port })).toBeNull();
});

test("a response that was left lying has the latency that it had", async () => {
  await using server = await startServer(behaviours.answersOk());
  const { samples, connections, kernelTimed } = await drive(server.url, { ...load, durationUs: 2e6 });
  expect(outcomes(samples)).toEqual({ 200: 400 });
  // The first of each connection is read as it comes; and where a machine pauses, what falls due meanwhile.
  expect(kernelTimed).toBeGreaterThan(200);
  expect(kernelTimed).toBeLessThanOrEqual(392);
  expect(server.requests).toBe(400);
  expect(server.connections).toBe(8);
  expect(connections).toHaveLength(8);
  // At 200 a second one lies for 5 ms on average; to answer takes a tenth of one.
  const median = samples.latencyUs.slice(0, samples.count).sort()[200]!;
  expect(median).toBeLessThan(2000);
});

test("a delay is measured as it was", async () => {
  await using server = await startServer(behaviours.knownDelay(12_000));
  const { samples } = await drive(server.url, { ...load, durationUs: 1e6 });
  expect(outcomes(samples)).toEqual({ 200: 200 });
  const sorted = samples.latencyUs.slice(0, samples.count).sort();
  expect(sorted[0]).toBeGreaterThan(11_500);
  expect(sorted[100]).toBeLessThan(14_000);
});

const timedOut = "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
const sum = (numbers: readonly number[]): number => numbers.reduce((one, two) => one + two, 0);

/** Does right once on each connection, after which the sender reads what comes. */
const rightAtFirst = (wrong: Behaviour): Behaviour => ({
  ...wrong,
  onRequest: (socket, request) =>
    request.number === 1 ? void socket.write(behaviours.okResponse()) : wrong.onRequest?.(socket, request),
});

/** Half of the requests are the first of a connection, unless what follows is right as well, or without end. */
test.each(wrongServers.filter(([, , expected]) => !expected["timeout"]))(
  "a server that does right and then %s is treated as by a driver that reads",
  async (_, behaviour, expected) => {
    await using server = await startServer(rightAtFirst(behaviour));
    const [reason] = Object.keys(expected);
    const { samples } = await drive(server.url, load);
    const seen = outcomes(samples);
    if (reason !== "200") expect(seen).toEqual({ 200: 52, [reason!]: 48 });
    // A close may cross a request where the machine pauses.
    else expect(seen[200]).toBeGreaterThan(90);
    expect(samples.count).toBe(100);
    await expect.poll(() => server.open).toBe(0);
  },
);

test.each(wrongServers.filter(([, , expected]) => expected["timeout"]))(
  "a server that does right and then %s makes requests time out",
  async (_, behaviour) => {
    await using server = await startServer(rightAtFirst(behaviour));
    const { samples } = await drive(server.url, { ...load, durationUs: 1e6, timeoutUs: 500_000 });
    const { 200: answered = 0, timeout = 0, unfinished = 0, "never-sent": unsent = 0 } = outcomes(samples);
    expect(samples.count).toBe(200);
    expect(answered + timeout + unfinished + unsent).toBe(200);
    // Each connection is answered once, and times out at its second request.
    expect(server.connections - answered).toBeLessThanOrEqual(8);
    expect(timeout).toBeGreaterThanOrEqual(8);
    await expect.poll(() => server.open).toBe(0);
  },
);

test.each<[what: string, afterMs: number, closes: (socket: Socket) => void]>([
  ["closes soon after a response", 3, (socket) => socket.end()],
  ["closes just before the next request", 86, (socket) => socket.end()],
  ["resets just before the next request", 86, (socket) => socket.resetAndDestroy()],
  ["says that it closes just before the next request", 86, (socket) => socket.end(timedOut)],
])("a connection that its server %s is opened anew, and nothing is lost", async (_, afterMs, closes) => {
  await using server = await startServer({
    onRequest: (socket) => {
      socket.write(behaviours.okResponse());
      setTimeout(() => closes(socket), afterMs);
    },
  });
  // 100 ms between two requests of a connection.
  const { samples } = await drive(server.url, { ...load, connections: 20, durationUs: 1.5e6 });
  const { 200: answered = 0, ...failed } = outcomes(samples);
  expect(samples.count).toBe(300);
  expect(answered + sum(Object.values(failed))).toBe(300);
  // A close may always cross a request; a machine that pauses has several cross.
  expect(answered).toBeGreaterThan(270);
  expect(server.connections).toBeGreaterThan(answered - 20);
  expect(Math.min(...samples.latencyUs.slice(0, 300))).toBeGreaterThan(0);
});

test("responses that become too long to be left lying are read as they come", async () => {
  const body = "x".repeat(300_000);
  await using server = await startServer({
    onRequest: (socket, { number }) =>
      void socket.write(number <= 3 ? behaviours.okResponse() : behaviours.okResponse(body)),
  });
  const { samples, bytesReceived } = await drive(server.url, { ...load, durationUs: 1e6 });
  expect(outcomes(samples)).toEqual({ 200: 200 });
  expect(server.connections).toBe(8);
  expect(bytesReceived).toBe(24 * behaviours.okResponse().length + 176 * behaviours.okResponse(body).length);
});

test("requests that wait for their connection are sent as soon as it is free", async () => {
  // After three, whose reading is lent, each response takes longer than the 40 ms between two requests of a connection.
  await using server = await startServer({
    onRequest: (socket, { number }) =>
      void setTimeout(() => socket.write(behaviours.okResponse()), number <= 3 ? 0 : 60),
  });
  const { samples, kernelTimed } = await drive(server.url, { ...load, durationUs: 1e6 });
  expect(outcomes(samples)).toEqual({ 200: 200 });
  expect(kernelTimed).toBeGreaterThanOrEqual(8);
  // Left lying, a response would free its connection some milliseconds late.
  expect(samples.lagUs.slice(0, 200).sort()[120]).toBeLessThan(1000);
  // Of 25 requests of a connection the last is due after 960 ms and waits for 21 others, of 60 ms each and what timers add.
  const last = Math.max(...samples.latencyUs.slice(0, samples.count));
  expect(last).toBeGreaterThan(22 * 60_000 + 120_000 - 970_000);
  expect(last).toBeLessThan(22 * 80_000 + 120_000 - 960_000);
});

test("a response that ends just before its connection is due again keeps nobody waiting", async () => {
  // It may lie unread when the next request is due, 40 ms after the one before.
  await using server = await startServer(behaviours.knownDelay(37_000));
  const { samples } = await drive(server.url, { ...load, durationUs: 2e6 });
  expect(outcomes(samples)).toEqual({ 200: 400 });
  // A wake that is lost keeps one in a hundred waiting for 30 ms.
  expect(samples.lagUs.slice(0, 400).sort()[390]).toBeLessThan(8000);
});

test("what lies unread when a load is interrupted keeps its time", async () => {
  await using server = await startServer(behaviours.answersOk());
  const interrupt = new AbortController();
  const driving = drive(
    server.url,
    { ...load, qps: 2000, connections: 100, durationUs: 0 },
    interrupt.signal,
  );
  await expect.poll(() => server.requests, { timeout: 10_000 }).toBeGreaterThan(500);
  interrupt.abort();
  const { samples } = await driving;
  const last = samples.latencyUs.slice(samples.count - 20, samples.count).sort();
  // Half of them have come within the last milliseconds, when the sender was about to read them.
  expect(last[10]).toBeLessThan(2000);
});

const open = (): number => readdirSync("/proc/self/fd").length;

test("nothing is left open, however many loads there are", async () => {
  await using server = await startServer(behaviours.answersOk());
  const driveOnce = (): Promise<unknown> =>
    drive(server.url, { ...load, durationUs: 100_000, threads: 2, connections: 16 });
  await driveOnce();
  const before = open();
  for (let loads = 0; loads < 4; loads++) await driveOnce();
  await expect.poll(open).toBeLessThanOrEqual(before);
});
