/** Loads that change, driven on a real server: what arrives at it, and when. */

import { expect, test } from "vitest";
import { monotonicUs } from "../../src/clock.ts";
import type { StagePlan } from "../../src/plan/plan.ts";
import * as behaviours from "../servers/behaviours.ts";
import { startServer } from "../servers/start-server.ts";
import { drive, outcomes } from "./drive.ts";

const stage = (qps: number, connections: number, seconds = 1): StagePlan => ({
  durationUs: seconds * 1e6,
  fromQps: qps,
  toQps: qps,
  fromConnections: connections,
  toConnections: connections,
});

test("drives each stage at its rate on its connections, exactly, over several threads", async () => {
  await using server = await startServer(behaviours.answersOk());
  const stages = [stage(40, 2), { ...stage(40, 2), toQps: 200 }, stage(80, 6)];
  const load = await drive(server.url, {
    stages,
    qps: 200,
    connections: 6,
    durationUs: 3e6,
    threads: 2,
    timeoutUs: 3e6,
  });
  expect(outcomes(load.samples)).toEqual({ 200: 40 + 120 + 80 });
  expect(server.requests).toBe(240);
  expect(server.connections).toBe(6);
  const perSecond = [0, 1, 2].map((second) => load.samples.second.filter((one) => one === second).length);
  expect(perSecond).toEqual([40, 120, 80]);
  const inSecond = (second: number): number =>
    new Set(load.samples.connection.filter((_, i) => load.samples.second[i] === second)).size;
  expect([0, 1, 2].map(inSecond)).toEqual([2, 2, 6]);
  // Those of the first stage were opened before it, the others when their first request was due.
  const opened = load.connections.map(({ openedAtUs }) => openedAtUs - load.startedAtUs);
  expect(opened.filter((us) => us < 0)).toHaveLength(2);
  expect(opened.filter((us) => us >= 2e6)).toHaveLength(4);
});

test("as fast as it goes, connections come and go with their stages", async () => {
  const seen: { port: number; us: number }[] = [];
  // Each connection makes some 50 requests a second.
  await using server = await startServer({
    onRequest: (socket) => {
      seen.push({ port: socket.remotePort!, us: monotonicUs() });
      setTimeout(() => socket.write(behaviours.okResponse()), 20);
    },
  });
  const stages = [stage(0, 2), { ...stage(0, 2), toConnections: 8 }, stage(0, 3, 1.5)];
  const load = await drive(server.url, { stages, qps: 0, connections: 8, durationUs: 3.5e6, threads: 2 });
  expect(outcomes(load.samples)).toEqual({ 200: server.requests });
  const active = (fromS: number, toS: number): number =>
    new Set(
      seen
        .filter(({ us }) => us >= load.startedAtUs + fromS * 1e6 && us < load.startedAtUs + toS * 1e6)
        .map(({ port }) => port),
    ).size;
  expect(active(0.1, 0.9)).toBe(2);
  expect(active(1, 2)).toBeGreaterThanOrEqual(5);
  // A request that a connection had in flight when its stage ended is its last.
  expect(active(2.6, 3.5)).toBe(3);
});

test("coarse pacing makes the same requests, and none before its time", async () => {
  await using server = await startServer(behaviours.answersOk());
  const load = await drive(server.url, { qps: 400, connections: 4, durationUs: 5e5, pacing: "coarse" });
  expect(outcomes(load.samples)).toEqual({ 200: 200 });
  expect(server.requests).toBe(200);
  expect(Math.min(...load.samples.lagUs)).toBeGreaterThanOrEqual(0);
});
