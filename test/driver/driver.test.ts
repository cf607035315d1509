import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { monotonicUs } from "../../src/clock.ts";
import { longestTimerUs } from "../../src/plan/duration.ts";
import type { LoadPlan } from "../../src/plan/plan.ts";
import { createRun } from "../../src/result/create-run.ts";
import type { Run } from "../../src/result/result.ts";
import { exampleLoad } from "../plan/example-load.ts";
import { runParts } from "../result/samples.ts";
import * as behaviours from "../servers/behaviours.ts";
import { startServer } from "../servers/start-server.ts";
import type { Behaviour } from "../servers/start-server.ts";
import { drive, outcomes } from "./drive.ts";
import { wrongServers } from "./wrong-servers.ts";

const quick = { qps: 200, connections: 4, durationUs: 200_000, timeoutUs: 5e6 };

/** What is too long for the sender is paced by the metronome and written by the driver thread. */
const longRequest: Partial<LoadPlan> = {
  request: { method: "POST", headers: [], body: Buffer.alloc(20_000, "x").toString("base64") },
};

/** One has a test of its own, for it needs time to close. */
const unhurried = wrongServers.filter(([what]) => what !== "closes between requests");

describe.each([
  ["by the sender", {}],
  ["by the driver thread", longRequest],
] as const)("A load written %s", (_, written) => {
  const quickly = { ...quick, ...written };

  test("makes exactly the planned requests on exactly the planned connections", async () => {
    await using server = await startServer(behaviours.answersOk());
    const load = await drive(server.url, quickly);
    expect(outcomes(load.samples)).toEqual({ 200: 40 });
    expect(server.requests).toBe(40);
    expect(server.connections).toBe(4);
    expect(load.connections.map(({ slot }) => slot).sort()).toEqual([0, 1, 2, 3]);
    expect(load.stop).toBeNull();
  });

  test(
    "makes exactly -n requests, paced and at full speed, however they divide by connections and threads",
    {
      timeout: 30_000,
    },
    async () => {
      await using server = await startServer(behaviours.answersOk());
      for (const [n, connections, threads, qps] of [
        [101, 7, 3, 2000],
        [50, 8, 2, 0],
        [13, 13, 1, 0],
        [23, 4, 4, 1000],
      ] as const) {
        const before = server.requests;
        const load = await drive(server.url, {
          ...written,
          exactly: n,
          connections,
          threads,
          qps,
          timeoutUs: 2e6,
        });
        expect(outcomes(load.samples)).toEqual({ 200: n });
        expect(server.requests - before).toBe(n);
      }
    },
  );

  test("warms up before the load and leaves it out of the samples", async () => {
    await using server = await startServer(behaviours.answersOk());
    const load = await drive(server.url, { ...quickly, warmupUs: 100_000 });
    expect(load.samples.count).toBe(40);
    expect(load.warmup).toEqual({ sent: 20, answered: 20, redirects: 0 });
    expect(server.requests).toBe(60);
  });

  test("stops when interrupted and keeps what was measured", async () => {
    await using server = await startServer(behaviours.answersOk());
    const interrupt = new AbortController();
    const driving = drive(server.url, { ...quickly, durationUs: 0, timeoutUs: 3e6 }, interrupt.signal);
    await expect.poll(() => server.requests, { timeout: 10_000 }).toBeGreaterThan(10);
    interrupt.abort();
    const load = await driving;
    expect(load.stop?.code).toBe("interrupted");
    const { 200: answered, "never-sent": neverSent = 0, ...rest } = outcomes(load.samples);
    expect(rest).toEqual({});
    expect(answered).toBe(server.requests);
    expect(load.samples.count).toBe(server.requests + neverSent);
  });

  test("finishes what is in flight when interrupted, and sends nothing that still waits", async () => {
    // The first 4 wait for us, and a later one, sent before the interrupt is heard, for 300 ms: dozens wait behind them.
    const held: (() => void)[] = [];
    await using server = await startServer({
      onRequest: (socket) => {
        const answer = (): void => void (socket.writable && socket.write(behaviours.okResponse()));
        if (server.requests <= 4) held.push(answer);
        else setTimeout(answer, 300);
      },
    });
    const interrupt = new AbortController();
    const driving = drive(server.url, { ...quickly, durationUs: 0, timeoutUs: 20e6 }, interrupt.signal);
    await expect.poll(() => held.length, { timeout: 10_000 }).toBe(4);
    await sleep(200);
    interrupt.abort();
    await sleep(200);
    for (const answer of held) answer();
    const load = await driving;
    const { 200: answered = 0, "never-sent": neverSent = 0, ...rest } = outcomes(load.samples);
    expect(rest).toEqual({});
    expect(answered).toBe(server.requests);
    expect(neverSent).toBeGreaterThan(0);
    expect(load.samples.count).toBe(answered + neverSent);
  });

  test.each([
    [503, "status 503"],
    [-1, "closed-early"],
  ] as const)("-abort-on %d ends the load of all threads at the first", async (abortOn, what) => {
    let requests = 0;
    await using server = await startServer({
      onRequest: (socket) => {
        if (++requests < 30) socket.write(behaviours.okResponse());
        else if (abortOn === -1) socket.end();
        else socket.write("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
      },
    });
    const load = await drive(server.url, { ...quickly, durationUs: 60e6, threads: 2, abortOn });
    expect(load.stop).toEqual({ code: "abort-on", message: `${what}, and -abort-on ${abortOn} ends that` });
    expect(outcomes(load.samples)[200]).toBe(29);
    expect(load.durationUs).toBeLessThan(30e6);
  });

  test("a first request that fails ends the load, unless initial errors are allowed; a later one does not", async () => {
    let requests = 0;
    const answers = (failsFrom: number, failsTo: number): Behaviour => ({
      onRequest: (socket) => {
        const fails = requests >= failsFrom && requests < failsTo;
        requests++;
        socket.write(fails ? "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n" : behaviours.okResponse());
      },
    });
    await using first = await startServer(answers(0, 1));
    const strict = { ...quickly, allowInitialErrors: false };
    const ended = await drive(first.url, { ...strict, durationUs: 60e6 });
    expect(ended.stop?.code).toBe("initial-error");
    requests = 0;
    const allowed = await drive(first.url, quick);
    expect(allowed.stop).toBeNull();
    expect(outcomes(allowed.samples)).toEqual({ 404: 1, 200: 39 });
    requests = 0;
    await using later = await startServer(answers(1, 3));
    const gone = await drive(later.url, strict);
    expect(gone.stop).toBeNull();
    expect(outcomes(gone.samples)).toEqual({ 404: 2, 200: 38 });
  });

  test("gives up the slots of a busy connection under nocatchup, and counts them", async () => {
    await using server = await startServer(behaviours.answers(""));
    const load = await drive(server.url, { ...quickly, timeoutUs: 2e6, nocatchup: true });
    // Each of 4 connections sends its first request and is busy for the rest: 36 of 40 slots are given up.
    expect(load.samples.count).toBe(4);
    expect(load.skipped).toBe(36);
  });

  test.each(unhurried)(
    "survives a server that %s, with every request accounted for",
    async (_, behaviour, expected) => {
      await using server = await startServer(behaviour);
      // Where it is waited for, long enough for several to time out one after the other.
      const waits: Partial<LoadPlan> = { qps: 50, durationUs: 800_000, timeoutUs: 200_000 };
      const load = await drive(server.url, { ...quickly, ...(expected["timeout"] && waits) });
      const seen = outcomes(load.samples);
      expect(load.samples.count).toBe(40);
      if (expected["timeout"]) {
        const { "connect-timeout": late = 0, timeout = 0, unfinished = 0, "never-sent": unsent = 0 } = seen;
        expect(timeout + late + unfinished + unsent).toBe(40);
        expect(timeout).toBeGreaterThanOrEqual(4);
      } else expect(seen).toEqual(expected);
      await expect.poll(() => server.open).toBe(0);
    },
  );

  test("opens a connection anew for the next request, where the server has closed it between two", async () => {
    await using server = await startServer(behaviours.closesBetweenRequests);
    // A second between two requests of a connection: the close is known by then on a busy machine too.
    const load = await drive(server.url, { ...quickly, qps: 4, durationUs: 2e6, timeoutUs: 10e6 });
    expect(outcomes(load.samples)).toEqual({ 200: 8 });
    expect(server.connections).toBe(8);
  });

  test("leaves other connections unharmed by one that is never answered", async () => {
    let silent: unknown;
    await using server = await startServer({
      onConnection: (socket) => void (silent ??= socket),
      onRequest: (socket) => void (socket !== silent && socket.write(behaviours.okResponse())),
    });
    // The silent one times out once, and half a second is left: its slot goes on with a new connection.
    const load = await drive(server.url, { ...quickly, qps: 20, durationUs: 2e6, timeoutUs: 1.5e6 });
    expect(outcomes(load.samples)).toEqual({ 200: 39, timeout: 1 });
    expect(server.connections).toBe(5);
  });
});

test("opens a connection for each request of a short-lived load", async () => {
  await using server = await startServer(behaviours.answersOk());
  const load = await drive(server.url, { ...quick, keepalive: false });
  expect(outcomes(load.samples)).toEqual({ 200: 40 });
  expect(server.connections).toBe(40);
  expect(new Set(load.samples.connection).size).toBe(40);
  expect(load.connections.length).toBe(40);
});

/** Of a privileged port, which nobody gets by chance. */
const nobody = "http://127.0.0.1:1/";

test("says why no connection could be opened", async () => {
  await expect(drive(nobody, quick)).rejects.toThrow(/no connection to .* could be opened: .*ECONNREFUSED/);
  await expect(drive("http://does-not-exist.invalid/", quick)).rejects.toThrow(
    /no address for host does-not-exist.invalid/,
  );
});

test("counts refused connections as failed requests where they are short-lived", async () => {
  const load = await drive(nobody, { ...quick, keepalive: false });
  expect(outcomes(load.samples)).toEqual({ "connect-refused": 40 });
});

test("of a warm-up, those without a response are told apart", async () => {
  await using server = await startServer(hangsOnce());
  const load = await drive(server.url, { ...quick, warmupUs: 100_000 });
  expect(load.warmup).toMatchObject({ sent: 20, answered: 19 });
});

test("waits as long as the longest timeout that a plan may have", async () => {
  await using server = await startServer({
    onRequest: (socket) => void setTimeout(() => socket.write(behaviours.okResponse()), 50),
  });
  const load = await drive(server.url, { ...quick, exactly: 4, timeoutUs: longestTimerUs });
  expect(outcomes(load.samples)).toEqual({ 200: 4 });
});

test("a load that is interrupted lasts until then, and not until what is in flight has ended", async () => {
  await using server = await startServer(hangsOnce());
  const interrupt = new AbortController();
  const load = { ...quick, durationUs: 0, timeoutUs: 1e6 };
  const driving = drive(server.url, load, interrupt.signal);
  await expect.poll(() => server.requests, { timeout: 10_000 }).toBeGreaterThan(10);
  const fromUs = monotonicUs();
  interrupt.abort();
  const toUs = monotonicUs();
  const { startedAtUs, durationUs } = await driving;
  expect(durationUs).toBeGreaterThanOrEqual(fromUs - startedAtUs);
  expect(durationUs).toBeLessThanOrEqual(toUs - startedAtUs);
});

describe("A count at a rate", () => {
  test("is measured over the time that it takes at that rate, however long the last response lasts", async () => {
    await using server = await startServer(hangsOnce());
    const run = await runOf(server.url, { connections: 50, qps: 100, exactly: 50, timeoutUs: 1e6 });
    expect(run.failures).toEqual({ timeout: 1 });
    expect(run.actual).toMatchObject({ durationS: 0.5, qps: 98 });
    expect(run.warnings.map(({ code }) => code)).not.toContain("behind-schedule");
  });

  test("tells that a target was too slow, as a load of that time does", async () => {
    // Four connections at 20 ms a response make at most 200 a second.
    const slow: Behaviour = {
      onRequest: (socket) => void setTimeout(() => socket.write(behaviours.okResponse()), 20),
    };
    await using server = await startServer(slow);
    for (const end of [{ exactly: 400 }, { durationUs: 1e6 }]) {
      const run = await runOf(server.url, { connections: 4, qps: 400, timeoutUs: 10e6, ...end });
      expect(run.actual).toMatchObject({ durationS: 1, requests: 400 });
      expect(run.actual.qps).toBeGreaterThan(50);
      expect(run.actual.qps).toBeLessThan(210);
      expect(run.warnings.map(({ code }) => code)).toContain("behind-schedule");
    }
  });
});

/** Its first request has no response. */
function hangsOnce(): Behaviour {
  let requests = 0;
  return {
    onRequest: (socket) => {
      if (requests++ > 0) socket.write(behaviours.okResponse());
    },
  };
}

async function runOf(url: string, changes: Partial<LoadPlan>): Promise<Run> {
  const plan = { ...exampleLoad, ...changes };
  return createRun(runParts(await drive(url, plan), { plan }));
}
