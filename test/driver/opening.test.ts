/** How connections are opened before the load, as the server there sees it, and what is said of those that are not. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { monotonicUs } from "../../src/clock.ts";
import { startDriver } from "../../src/driver/driver.ts";
import type { Driver } from "../../src/driver/driver.ts";
import { openInTurn } from "../../src/driver/opening.ts";
import type { LoadPlan } from "../../src/plan/plan.ts";
import type { LoadConnection } from "../../src/result/load.ts";
import { connection } from "../mapping/connection.ts";
import { exampleLoad } from "../plan/example-load.ts";
import { answersOk } from "../servers/behaviours.ts";
import { startServer } from "../servers/start-server.ts";
import { drive, outcomes } from "./drive.ts";

const open = (
  url: string,
  changes: Partial<LoadPlan>,
  afterEachOpened: (one: LoadConnection) => Promise<void> = async () => {},
  signal = new AbortController().signal,
): Promise<Driver> =>
  startDriver({
    load: { ...exampleLoad, ...changes },
    url,
    seed: 1,
    workerHeader: "x-envoy-worker",
    afterEachOpened,
    signal,
  });

test("serially, each connection is opened once the one before it has been told of, over all threads", async () => {
  await using server = await startServer(answersOk());
  const told: number[] = [];
  await using driver = await open(
    server.url,
    { connect: "serial", connections: 7, threads: 3 },
    async (one) => {
      // Time in which the server would see others, if they were on their way.
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(server.connections).toBe(told.length + 1);
      expect(one.connectTimeUs).not.toBeNull();
      told.push(one.slot);
    },
  );
  expect(told).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(driver.connections.map(({ slot }) => slot).sort()).toEqual(told);
  const ports = driver.connections.toSorted((a, b) => a.slot - b.slot).map(({ localPort }) => localPort);
  expect(new Set(ports).size).toBe(7);
});

test("the connections that are told of are those of the load", async () => {
  await using server = await startServer(answersOk());
  const told = new Map<number, LoadConnection>();
  await using driver = await open(
    server.url,
    { connect: "serial", connections: 4, threads: 2, durationUs: 100_000 },
    async (one) => void told.set(one.id, one),
  );
  const load = await driver.drive({ onStart: () => {} });
  expect(server.connections).toBe(4);
  expect(load.connections.length).toBe(4);
  for (const { id, localPort, slot } of load.connections)
    expect(told.get(id)).toMatchObject({ localPort, slot });
});

test("at a rate, they are begun so many a second, whoever is slow", async () => {
  const begun: [slot: number, atUs: number][] = [];
  const opener = (thread: number) => ({
    up: Promise.resolve(),
    // Never done before the last is begun.
    openSlot: async (local: number) => {
      begun.push([local * 2 + thread, monotonicUs()]);
      await new Promise((resolve) => setTimeout(resolve, 300));
      return connection(local);
    },
  });
  const startUs = monotonicUs();
  await openInTurn(
    [opener(0), opener(1)],
    {
      connect: 200,
      slots: Array.from({ length: 20 }, (_, slot) => slot),
      signal: new AbortController().signal,
    },
    async () => {},
  );
  expect(begun.map(([slot]) => slot)).toEqual(Array.from({ length: 20 }, (_, slot) => slot));
  // Slot i is due at i × 5 ms; timers are late on a busy machine, and early by two milliseconds at most.
  for (const [slot, atUs] of begun) expect(atUs - startUs).toBeGreaterThanOrEqual(slot * 5000 - 2500);
});

test("at a rate, all are opened and serve", async () => {
  await using server = await startServer(answersOk());
  const load = await drive(server.url, { connect: 500, connections: 10, threads: 2, durationUs: 200_000 });
  expect(server.connections).toBe(10);
  expect(outcomes(load.samples)).toEqual({ 200: 20 });
});

test.each(["burst", "serial", 1000] as const)("says of a %s which did not open, and why", async (connect) => {
  // Of two addresses the second refuses.
  await using server = await startServer(answersOk());
  const load = await drive(server.url, {
    connect,
    threads: 2,
    resolve: ["127.0.0.1", "127.0.0.2"],
    durationUs: 200_000,
  });
  expect(load.connectFailures).toEqual({ [`connect ECONNREFUSED 127.0.0.2:${server.port}`]: 2 });
  // Their slots go on trying, in turn at both addresses.
  const { 200: answered = 0, "connect-refused": refused = 0, ...rest } = outcomes(load.samples);
  expect(rest).toEqual({});
  expect(answered + refused).toBe(20);
  expect(answered).toBe(server.requests);
});

/**
 * A process that stands still accepts nothing. The kernel takes two for it, and more where handshakes meet: it looks at
 * its queue before it puts them there. What else comes it drops.
 */
async function startStopped(): Promise<{ readonly url: string } & Disposable> {
  const script = `require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () {
    console.log(this.address().port);
  })`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  child.kill("SIGSTOP");
  return {
    url: `http://127.0.0.1:${Number(port)}/`,
    [Symbol.dispose]: () => void child.kill("SIGKILL"),
  };
}

test("a server that accepts no more is waited for as long as -timeout says", async () => {
  using server = await startStopped();
  const beganUs = monotonicUs();
  await using driver = await open(server.url, { timeoutUs: 300_000, connections: 8 });
  expect(monotonicUs() - beganUs).toBeGreaterThan(300_000);
  const opened = driver.connections.length;
  expect(opened).toBeGreaterThanOrEqual(2);
  expect(opened).toBeLessThan(8);
  expect(driver.openFailures).toEqual({ "the server did not accept in time": 8 - opened });
});

test("an interruption ends a serial opening: what is open takes part, and nothing is sent", async () => {
  await using server = await startServer(answersOk());
  const interruption = new AbortController();
  await using driver = await open(
    server.url,
    { connect: "serial", connections: 1000, threads: 2 },
    async () => {
      if (server.connections === 3) interruption.abort();
    },
    interruption.signal,
  );
  expect(driver.connections.map(({ slot }) => slot).sort()).toEqual([0, 1, 2]);
  expect(driver.openFailures).toEqual({ interrupted: 997 });
  const load = await driver.drive({ onStart: () => {} });
  expect(load.stop?.code).toBe("interrupted");
  expect(load.connections.length).toBe(3);
  expect([server.connections, server.requests, load.samples.count]).toEqual([3, 0, 0]);
});

const farAway = { timeoutUs: 600e6, connections: 8, threads: 2 };

test.each(["fast", "standard"] as const)(
  "an interruption does not wait for the next turn, which comes after 100 s (%s client)",
  async (client) => {
    const interruption = new AbortController();
    await using server = await startServer({ onConnection: () => interruption.abort() });
    const { signal } = interruption;
    await using driver = await open(server.url, { ...farAway, client, connect: 0.01 }, undefined, signal);
    // The one that the server has accepted may come to its end.
    expect([server.connections, driver.connections.length]).toEqual([1, 1]);
    expect(driver.openFailures).toEqual({ interrupted: 7 });
  },
  20_000,
);

test.each([
  ["fast", "serial"],
  ["fast", "burst"],
  ["standard", "serial"],
  ["standard", "burst"],
] as const)(
  "an interruption does not wait for a server that accepts no more (%s client, %s)",
  async (client, connect) => {
    using server = await startStopped();
    const signal = AbortSignal.timeout(400);
    await using driver = await open(server.url, { ...farAway, client, connect }, undefined, signal);
    expect(driver.openFailures).toEqual({ interrupted: 8 - driver.connections.length });
    expect(driver.connections.length).toBeLessThanOrEqual(connect === "burst" ? 7 : 2);
  },
  20_000,
);

test("an interruption before any connection is open is one, and not a target that cannot be reached", async () => {
  // It never says its SETTINGS.
  await using server = await startServer({});
  await using driver = await open(
    server.url,
    { ...farAway, protocol: "h2" },
    undefined,
    AbortSignal.timeout(400),
  );
  expect(driver.connections).toEqual([]);
  expect(driver.openFailures).toEqual({ interrupted: 8 });
  expect((await driver.drive({ onStart: () => {} })).stop?.code).toBe("interrupted");
});
