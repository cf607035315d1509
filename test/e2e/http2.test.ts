/** HTTP/2 in clear text against the real Envoy. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { labPlaces } from "../../src/cli/places.ts";
import { startLab } from "../../src/lab/lab.ts";
import type { Lab } from "../../src/lab/lab.ts";
import type { LoadPlan } from "../../src/plan/plan.ts";
import type { ResultSet } from "../../src/result/result.ts";
import { drive, outcomes } from "../driver/drive.ts";
import { meshLoad } from "../cli/mesh-load.ts";
import { expectDone } from "./expect-done.ts";

const h2: Partial<LoadPlan> = { protocol: "h2", timeoutUs: 5e6, qps: 0 };
let lab: Lab;

beforeAll(async () => {
  const upstream = { protocol: "h2c", delayUs: 0, sizeBytes: 200_000, status: 200 } as const;
  lab = await startLab(
    { modes: ["exact_balance"], workers: 2, workUs: 0, envoy: null, upstream, tls: false },
    { qps: 100, places: labPlaces(), onNote: () => undefined },
  );
});
afterAll(() => lab?.[Symbol.asyncDispose]());

/** A counter of the listener's, by the end of its name. */
async function counter(name: string): Promise<number> {
  const text = await (await fetch(`${lab.admin}/stats?filter=${name}`)).text();
  const line = text.split("\n").find((line) => line.startsWith("http.") && !line.startsWith("http.admin"));
  return Number(line?.split(": ")[1] ?? NaN);
}

test("drives every mode from the command line, and counts as Envoy counts", async () => {
  const args = "run -h2 -s 4 -c 8 -qps 400 -t 1s -reps 1 -work 0 -json -".split(" ");
  const done = await meshLoad(args);
  expectDone(done);
  const set = JSON.parse(done.stdout) as ResultSet;
  expect(set.runs.length).toBe(3);
  for (const run of set.runs) {
    expect(run).toMatchObject({ protocol: "h2", statuses: { 200: 400 }, failures: {}, socketsOpened: 8 });
    expect(run.mapping).toMatchObject({ method: "epoll", mapped: 8 });
    // The header is coded by Envoy's own HPACK; it says of every connection what epoll says.
    expect(run.mapping.checks).toEqual([{ method: "header", compared: 8, disagreed: 0 }]);
    expect(run.warnings.map(({ code }) => code)).not.toContain("counts-differ");
  }
});

test.each<[what: string, plan: Partial<LoadPlan>, connections: number]>([
  ["one request at a time", { connections: 4, exactly: 400 }, 4],
  ["fifty requests at once on each connection", { connections: 2, streams: 50, exactly: 1000 }, 2],
  ["a connection for each request", { connections: 4, keepalive: false, exactly: 100 }, 100],
])("%s: Envoy saw what we counted, in HTTP/2", async (_, plan, connections) => {
  const [requests, opened] = [
    await counter("downstream_rq_http2_total"),
    await counter("downstream_cx_http2_total"),
  ];
  const load = await drive(lab.targets[0]!.url, { ...h2, ...plan });
  expect(outcomes(load.samples)).toEqual({ 200: plan.exactly });
  expect(await counter("downstream_rq_http2_total")).toBe(requests + plan.exactly!);
  expect(await counter("downstream_cx_http2_total")).toBe(opened + connections);
  // 200 000 octets each, with at most two per cent of frames and headers.
  expect(load.bytesReceived / plan.exactly! / 200_000).toBeGreaterThan(1);
  expect(load.bytesReceived / plan.exactly! / 200_000).toBeLessThan(1.02);
});

test("sends bodies through Envoy's windows", async () => {
  const body = Buffer.alloc(1_000_000, "b");
  const load = await drive(lab.targets[0]!.url, {
    ...h2,
    connections: 2,
    streams: 4,
    exactly: 40,
    request: { method: "POST", headers: [], body: body.toString("base64") },
  });
  expect(outcomes(load.samples)).toEqual({ 200: 40 });
  // The upstream may answer before the last of a body has come (RFC 9113, section 8.1): that is not sent any more.
  expect(load.bytesSent).toBeGreaterThan(30 * body.length);
  expect(load.bytesSent).toBeLessThan(40 * body.length * 1.01);
});
