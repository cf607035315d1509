/** The benchmark's peers, the real ones, against its recorder: they do what is asked, and their reports are understood. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { labPlaces } from "../../src/cli/places.ts";
import { findPeer } from "../bench/install.ts";
import { measure } from "../bench/measure.ts";
import type { Peer, Work } from "../bench/peers/peer.ts";
import { peers } from "../bench/peers/peers.ts";
import { buildRecorder } from "../bench/recorder.ts";
import { envoyServer, recorderServer } from "../bench/servers.ts";

const places = labPlaces();
const cacheDir = join(places.cacheDir, "peers");
/** Compiling them takes longer than all tests together: they take part where they are. */
const compiledForMinutes = new Set(["oha", "k6"]);

/** Of 100 a second for two seconds: peers that do not catch up lose what a busy machine lets pass. */
const leastRequests = 80;

/** Of the same: autocannon sends those of each second together, and those of one more at the end. */
const mostRequests = ({ name }: Peer): number => (name === "autocannon" ? 410 : 260);

test.each(peers)("understands what $name reports of a server that holds requests for 20 ms", async (peer) => {
  const work = { connections: 4, qps: peer.name === "wrk" ? 0 : 100, seconds: 2, keepalive: true };
  const program = await findPeer(peer, {
    cacheDir,
    path: places.path,
    allowed: !compiledForMinutes.has(peer.name),
    note: () => {},
  });
  if (typeof program === "string") {
    expect(program).toBe("not found, and not installed");
    return;
  }
  await using server = recorderServer(await buildRecorder(cacheDir), {
    delayMs: 20,
    stall: { fromMs: 0, forMs: 0 },
  });
  const [run, witness] = await server.witness(work, (url) =>
    measure([...program.argv, ...peer.args({ url, work, extra: [] })], 60),
  );
  expect(run.exitCode, run.stderr).toBe(0);
  // Four connections at 20 ms each cannot do more than 200/s, however long they took; the rates asked for are kept roughly by all.
  expect(witness.requests).toBeGreaterThan(work.qps === 0 ? 200 : leastRequests);
  expect(witness.requests).toBeLessThan(work.qps === 0 ? 200 * run.wallS + 5 : mostRequests(peer));
  expect(run.cpuS).toBeGreaterThan(0.001);
  expect(run.cpuS).toBeLessThan(run.wallS * 2);
  const { p50Us, p99Us } = peer.parse(run.stdout);
  if (peer.name === "h2load") {
    expect([p50Us, p99Us]).toEqual([null, null]);
    return;
  }
  // autocannon tells whole milliseconds.
  expect(p50Us).toBeGreaterThan(witness.heldUs!.p50 - 1500);
  expect(p50Us).toBeLessThan(witness.heldUs!.p50 + 15_000);
  expect(p99Us).toBeGreaterThanOrEqual(p50Us!);
});

test.each<[what: string, work: Pick<Work, "streams" | "tls">, able: string]>([
  ["HTTP/2 without TLS", { streams: 1 }, "mesh-load fortio h2load oha"],
  ["HTTP/2 without TLS, multiplexed", { streams: 4 }, "mesh-load h2load oha"],
  ["HTTP/1.1 over TLS", { tls: true }, "mesh-load fortio wrk h2load oha hey autocannon"],
  ["HTTP/2 over TLS", { streams: 1, tls: true }, "mesh-load fortio h2load oha k6"],
])(
  "those that can speak %s do so, by Envoy's own count of it",
  async (_, special, able) => {
    const work = { connections: 4, qps: 100, seconds: 2, keepalive: true, ...special };
    const own = (peer: Peer): Work => ({ ...work, qps: peer.name === "wrk" ? 0 : 100 });
    const speakers = peers.filter((peer) => peer.cannot(own(peer)) === null);
    expect(speakers.map(({ name }) => name).join(" ")).toBe(able);
    await using server = await envoyServer({ places, note: () => {} }, { tls: work.tls ?? false });
    for (const peer of speakers) {
      const program = await findPeer(peer, { cacheDir, path: places.path, allowed: false, note: () => {} });
      if (typeof program === "string") continue;
      const [run, { requests }] = await server.witness(own(peer), (url) =>
        measure([...program.argv, ...peer.args({ url, work: own(peer), extra: [] })], 60),
      );
      expect([peer.name, run.exitCode, run.stderr]).toEqual([peer.name, 0, expect.any(String)]);
      expect(requests, peer.name).toBeGreaterThan(leastRequests);
      if (peer.name !== "wrk") expect(requests, peer.name).toBeLessThan(mostRequests(peer));
    }
  },
  120_000,
);
