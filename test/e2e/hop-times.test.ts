/** Two Envoys and a server behind them, of which one holds up every tenth request: the milliseconds must name it. */

import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attribute } from "../../src/attribution/attribution.ts";
import { labPlaces } from "../../src/cli/places.ts";
import { createBootstrap } from "../../src/lab/bootstrap.ts";
import { findEnvoy } from "../../src/lab/envoy-binary.ts";
import { startEnvoy } from "../../src/lab/envoy-process.ts";
import { freePorts } from "../../src/lab/ports.ts";
import { envoyReady } from "../../src/lab/ready.ts";
import type { HopTail } from "../../src/result/attribution.ts";
import type { Run } from "../../src/result/result.ts";
import { driveOnce } from "./drive-once.ts";

const delayMs = 60;
/** Of Envoy's fault filter: envoyproxy.io, "Fault Injection". */
const fault = {
  name: "envoy.filters.http.fault",
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault",
    delay: { fixed_delay: `${delayMs / 1e3}s`, percentage: { numerator: 10 } },
  },
};

let directory: string;
let envoy: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "mesh-load-hops-"));
  envoy = await findEnvoy(null, { places: labPlaces(), onNote: () => undefined });
});
afterAll(() => rm(directory, { recursive: true }));

interface Filters {
  static_resources: {
    listeners: { filter_chains: { filters: { typed_config: { http_filters: object[] } }[] }[] }[];
  };
}

interface Faults {
  readonly name: string;
  readonly faulty?: number;
  readonly serverMs?: number;
  /** Patterns of the second Envoy's stats that it does not show. */
  readonly hide?: string;
}

async function driveChain({
  name,
  faulty,
  serverMs = 0,
  hide,
}: Faults): Promise<{ run: Run; tail: HopTail }> {
  await using owned = new AsyncDisposableStack();
  let count = 0;
  const server = createServer((_, response) => {
    setTimeout(() => response.end("ok"), count++ % 10 === 0 ? serverMs : 0);
  }).listen(0, "127.0.0.1");
  owned.defer(() => void server.close().closeAllConnections());
  await once(server, "listening");
  const ports = await freePorts(4);
  const next = [ports[3]!, (server.address() as AddressInfo).port];
  const admins: string[] = [];
  for (const hop of [1, 0]) {
    const [adminPort = 0, port = 0] = ports.slice(2 * hop);
    const bootstrap = createBootstrap({
      adminPort,
      listeners: [{ mode: "reuse_port", port }],
      upstream: { port: next[hop]!, protocol: "http/1.1" },
      tls: null,
      workFile: null,
    }) as Filters;
    const { http_filters: filters } =
      bootstrap.static_resources.listeners[0]!.filter_chains[0]!.filters[0]!.typed_config;
    if (faulty === hop + 1) filters.unshift(fault);
    const matcher = { stats_matcher: { exclusion_list: { patterns: [{ suffix: hide }] } } };
    const config = hop === 1 && hide !== undefined ? { ...bootstrap, stats_config: matcher } : bootstrap;
    const configPath = join(directory, `${name}-${hop}.json`);
    await writeFile(configPath, JSON.stringify(config));
    const logPath = join(directory, `${name}-${hop}.log`);
    const { failed } = owned.use(await startEnvoy({ binary: envoy, configPath, logPath, workers: 2 }));
    admins.unshift(`http://127.0.0.1:${adminPort}`);
    await envoyReady({ admin: admins[0]!, urls: [`http://127.0.0.1:${port}/`], failed: [failed] });
  }
  const [admin = "", second] = admins;
  const run = await driveOnce({
    target: { url: `http://127.0.0.1:${ports[1]}/` },
    admin,
    hops: [{ admin: second! }],
    // No slot is due twice in a second: a machine that stands still shows as lag, which is told apart, and not as blocked.
    load: { qps: 400, connections: 400, duration: "3500ms" },
  });
  return { run, tail: attribute([run], { tailQuantile: 0.99, seed: 1 }).perRun[0]!.tailByHop! };
}

const truths = [
  { name: "first", faulty: 1, where: "within hop 1" },
  { name: "second", faulty: 2, where: "within hop 2" },
  { name: "server", serverMs: delayMs, where: "behind hop 2" },
];

for (const { where, ...faults } of truths)
  test(`a delay ${where} is told as arising there`, { retry: 2 }, async () => {
    const { run, tail } = await driveChain(faults);
    expect(run.hops.map(({ times }) => times?.reason)).toEqual(["", ""]);
    const [largest] = tail.parts.toSorted((a, b) => b.addedUs[0] - a.addedUs[0]);
    expect(largest!.where).toBe(where);
    expect(tail.sentence).toContain(`The largest part of p99 arises ${where}: between `);
    // Every place before the delay waits for it; a busy machine adds to it, and never takes from it.
    const at = tail.parts.indexOf(largest!);
    for (const { tailUs } of tail.parts.slice(0, at + 1))
      expect(tailUs[1]).toBeGreaterThanOrEqual(delayMs * 1e3);
    // Whoever counted the requests counted them all between two flushes, and no more.
    for (const { hop, requests } of tail.parts.slice(1))
      expect(requests).toBeLessThanOrEqual(run.hops[hop - 1]!.counted.requests!);
  });

test("what a stats matcher hides is said, with the pattern that does", async () => {
  const { run, tail } = await driveChain({ name: "hidden", hide: "upstream_rq_time" });
  expect(run.hops[0]!.times!.reason).toBe("");
  expect(run.hops[1]!.times!.upstream).toBeNull();
  expect(tail.sentence).toContain(
    "hop 2 is known in part: stats_config.stats_matcher.exclusion_list hides it",
  );
  expect(tail.sentence).toContain('{"suffix":"upstream_rq_time"}');
  expect(tail.parts.map(({ where }) => where)).toEqual([
    "before hop 1",
    "within hop 1",
    "between hop 1 and hop 2",
    "within hop 2 and behind it",
  ]);
});
