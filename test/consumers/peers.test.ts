/** The benchmark's peers, the real ones, against its recorder: they do what is asked, and their reports are understood. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { labPlaces } from "../../src/cli/places.ts";
import { findPeer } from "../bench/install.ts";
import { measure } from "../bench/measure.ts";
import { peers } from "../bench/peers/peers.ts";
import { buildRecorder } from "../bench/recorder.ts";
import { recorderServer } from "../bench/servers.ts";

const places = labPlaces();
const cacheDir = join(places.cacheDir, "peers");
/** Compiling them takes longer than all tests together: they take part where they are. */
const compiledForMinutes = new Set(["oha", "k6"]);

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
  // Four connections at 20 ms each cannot do more than 200/s; the rates asked for are kept roughly by all.
  expect(witness.requests).toBeGreaterThan(work.qps === 0 ? 200 : 150);
  expect(witness.requests).toBeLessThan(work.qps === 0 ? 410 : 260);
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
