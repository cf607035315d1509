import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { monotonicUs } from "../../src/clock.ts";
import { createHandOver, takeAll } from "../../src/driver/hand-over.ts";
import { createLentSlots } from "../../src/driver/lent-slots.ts";
import { loadLibc } from "../../src/driver/libc.ts";
import type { ThreadPlan } from "../../src/driver/messages.ts";
import { createCounters } from "../../src/driver/progress.ts";
import { rehearseResponses } from "../../src/driver/rehearse-responses.ts";
import { rehearseSending } from "../../src/driver/rehearse-sending.ts";
import type { Sending } from "../../src/driver/sender.ts";
import { wireRequests } from "../../src/driver/wire-requests.ts";
import type { LoadPlan } from "../../src/plan/plan.ts";
import { createSchedule } from "../../src/plan/schedule.ts";
import { splitSchedule } from "../../src/plan/split.ts";
import { exampleLoad } from "../plan/example-load.ts";

const url = "http://127.0.0.1:1/";

function threadPlan(changes: Partial<LoadPlan>): ThreadPlan {
  const load = { ...exampleLoad, ...changes };
  return {
    thread: 0,
    threads: 1,
    addresses: { hosts: ["127.0.0.1"], port: 1 },
    url,
    proxy: null,
    tls: null,
    tlsElsewhere: null,
    requests: wireRequests(load, url),
    load,
    schedule: splitSchedule(load, 1)[0]!,
    workerHeader: "x-envoy-worker",
    counters: createCounters(),
    starts: true,
  };
}

const { request } = exampleLoad;
const kind = (method: string) => ({ name: method, weight: 1, method, path: "/", headers: [], body: null });
const body = Buffer.alloc(100_000, "x").toString("base64");

test.each<[name: string, changes: Partial<LoadPlan>]>([
  ["a sender's requests", {}],
  ["our own requests", { pacing: "coarse" }],
  ["HEAD", { request: { ...request, method: "HEAD" } }],
  ["short-lived connections", { keepalive: false }],
  ["connections that are reused some times", { connectionReuse: { least: 2, most: 5 } }],
  ["a status that ends the load", { abortOn: 200 }],
  ["HTTP/2", { protocol: "h2", streams: 3 }],
  ["HTTP/2 with a large body", { protocol: "h2", request: { ...request, method: "POST", body } }],
  ["HEAD of HTTP/2", { protocol: "h2", request: { ...request, method: "HEAD" } }],
  ["connections that are reset at their end", { linger0: true }],
  ["several kinds of request", { requests: [kind("GET"), kind("HEAD")] }],
  ["a UUID in each", { request: { ...request, headers: [["x-id", "{uuid}"]] } }],
])("rehearses %s to the last response, and leaves the load's own counts alone", async (_, changes) => {
  const plan = threadPlan(changes);
  expect(await rehearseResponses(plan, monotonicUs() + 10e6)).toEqual({
    requests: 1000,
    failures: 0,
    failed: {},
  });
  expect(plan.counters.every((count) => count === 0)).toBe(true);
});

test("rehearses no longer than it may", async () => {
  const beginUs = monotonicUs();
  const { requests } = await rehearseResponses(threadPlan({}), beginUs + 2000);
  expect(requests).toBeLessThan(1000);
  expect((await rehearseResponses(threadPlan({}), 0)).requests).toBe(0);
});

function sending(inUs: number): Sending {
  const { schedule, requests } = threadPlan({ warmupUs: 1e6 });
  return {
    schedule,
    startAtUs: monotonicUs() + inUs,
    request: requests[0]!.bytes,
    nocatchup: false,
    slots: createLentSlots(1),
    handOver: createHandOver(),
    collector: null,
    port: new MessageChannel().port1 as unknown as Sending["port"],
    signals: new Int32Array(new SharedArrayBuffer(16)),
  };
}

test.each([
  ["a sender", null],
  ["a sender that reads", loadLibc()],
])("%s rehearses on other slots, before its load, and closes what it opened", (_, libc) => {
  const plan = sending(3e6);
  const descriptors = readdirSync("/proc/self/fd").length;
  const rehearsals: { requests: number; endUs: number }[] = [];
  const sendAll = (rehearsal: Sending): void => {
    expect(rehearsal.slots).not.toBe(plan.slots);
    expect(rehearsal.collector === null).toBe(libc === null);
    const schedule = createSchedule(rehearsal.schedule);
    let lastUs = 0;
    for (; schedule.dueUs < Infinity; schedule.advance()) lastUs = schedule.dueUs;
    rehearsals.push({ requests: schedule.passed, endUs: rehearsal.startAtUs + lastUs });
  };
  rehearseSending(plan, { sendAll, libc });
  expect(rehearsals.map(({ requests }) => requests)).toEqual([...Array<number>(20).fill(1000), 300, 40, 24]);
  // Warm-up requests are the first of the load.
  for (const { endUs } of rehearsals) expect(endUs).toBeLessThan(plan.startAtUs - 1e6 - 20_000);
  expect(readdirSync("/proc/self/fd")).toHaveLength(descriptors);
  takeAll(plan.handOver, () => expect.unreachable());
});

test("a sender that starts late rehearses no more", () => {
  let rehearsals = 0;
  rehearseSending(sending(1.015e6), { sendAll: () => rehearsals++, libc: null });
  expect(rehearsals).toBe(0);
});
