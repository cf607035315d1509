/** The main job on a real Envoy, as a user runs it. */

import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ResultSet } from "../../src/result/result.ts";
import { readResultSet } from "../../src/result/read-result-set.ts";
import { meshLoad, start, temporaryDirectory } from "../cli/mesh-load.ts";
import { expectDone } from "./expect-done.ts";

const modes = ["default", "reuse_port", "exact_balance"];

test("drives every mode, proves it, counts as Envoy counts, and knows every connection's worker", async () => {
  const done = await meshLoad([
    "run",
    "-c",
    "24",
    "-qps",
    "300",
    "-t",
    "2s",
    "-reps",
    "2",
    "-work",
    "0",
    "-json",
    "-",
  ]);
  expect(done.stderr).not.toContain("Error");
  expectDone(done);
  const set = JSON.parse(done.stdout) as ResultSet;
  expect(set.runs.length).toBe(6);
  for (const mode of modes) expect(set.runs.filter((run) => run.mode === mode).length).toBe(2);
  for (const run of set.runs) {
    expect(run.proof.inEffect).toBe(run.mode);
    expect(run.statuses).toEqual({ 200: 600 });
    expect(run.failures).toEqual({});
    // Envoy's own counters of requests and connections: a difference would be a warning.
    expect(run.warnings.map(({ code }) => code)).not.toContain("counts-differ");
    expect(run.warnings.map(({ code }) => code)).not.toContain("other-traffic");
    expect(run.mapping).toMatchObject({ method: "epoll", mapped: 24, unmapped: 0 });
    expect(run.mapping.checks).toEqual([{ method: "header", compared: 24, disagreed: 0 }]);
    expect(run.workers.reduce((sum, worker) => sum + worker.connections, 0)).toBe(24);
    expect(run.workers.reduce((sum, worker) => sum + worker.requests, 0)).toBe(600);
    expect(run.workers.reduce((sum, worker) => sum + worker.latency.count, 0)).toBe(run.latency.count);
    if (run.mode === "exact_balance")
      expect(run.workers.map((worker) => worker.connections)).toEqual([12, 12]);
  }
});

test("opens a connection for each request where they are short-lived, as many as Envoy accepted", async () => {
  const { stdout } = await meshLoad([
    "run",
    "-modes",
    "exact_balance",
    "-reps",
    "1",
    "-c",
    "8",
    "-qps",
    "200",
    "-t",
    "1s",
    "-keepalive=false",
    "-work",
    "0",
    "-json",
    "-",
  ]);
  const [run] = (JSON.parse(stdout) as ResultSet).runs;
  expect(run).toMatchObject({
    statuses: { 200: 200 },
    socketsOpened: 200,
    connections: [],
    mapping: { method: "header", mapped: 200 },
  });
  expect(run!.warnings.map(({ code }) => code)).not.toContain("counts-differ");
});

test("agrees by unwind on every connection in every mode", async () => {
  const { stdout } = await meshLoad([
    "run",
    "-reps",
    "1",
    "-c",
    "16",
    "-qps",
    "100",
    "-t",
    "1s",
    "-work",
    "0",
    "-map",
    "unwind",
    "-json",
    "-",
  ]);
  const { runs } = JSON.parse(stdout) as ResultSet;
  expect(runs.length).toBe(3);
  for (const { mapping } of runs) {
    expect(mapping).toMatchObject({ method: "unwind", mapped: 16, unmapped: 0 });
    for (const check of mapping.checks) expect(check).toMatchObject({ compared: 16, disagreed: 0 });
    expect(mapping.checks.map(({ method }) => method)).toContain("header");
  }
});

test("drives a plain server and says what it cannot know of it", async () => {
  const server = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const done = await meshLoad([
    "run",
    `http://127.0.0.1:${port}/`,
    "-c",
    "4",
    "-qps",
    "100",
    "-t",
    "1s",
    "-map",
    "none",
  ]);
  server.close();
  expectDone(done);
  expect(done.stdout).toContain("200: 100");
  expect(done.stdout).toContain("workers-unseen");
});

test("keeps what is finished when interrupted, and leaves no process behind", async () => {
  using directory = temporaryDirectory();
  using started = start(["run", "-c", "8", "-qps", "100", "-t", "8s", "-work", "0"], { cwd: directory.path });
  const { process: child, ended, said } = started;
  await said("run 2/9");
  await new Promise((done) => setTimeout(done, 3000));
  const envoys = descendants(child.pid!);
  expect(envoys.length).toBe(1);
  child.kill("SIGINT");
  const { code, stdout } = await ended;
  expect(code).toBe(130);
  expect(stdout).toContain("2 of 9 runs were made. 1 of 2 runs cut short.");
  for (const pid of envoys) expect(() => process.kill(pid, 0)).toThrow();
  const [file] = await readdir(join(directory.path, "results"));
  const set = await readResultSet(join(directory.path, "results", file!));
  expect(set.runs.map(({ state }) => state)).toEqual(["completed", "interrupted"]);
  expect(set.runs[1]!.actual.requests).toBeGreaterThanOrEqual(20);
});

test("leaves no process behind on SIGTERM either", async () => {
  using directory = temporaryDirectory();
  using started = start(["run", "-c", "8", "-qps", "100", "-t", "2s", "-work", "0"], { cwd: directory.path });
  const { process: child, ended, said } = started;
  await said("run 1/9");
  const envoys = descendants(child.pid!);
  child.kill("SIGTERM");
  expect((await ended).code).toBe(143);
  for (const pid of envoys) expect(() => process.kill(pid, 0)).toThrow();
});

/** Processes whose parent is `pid`. */
function descendants(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => parentOf(other) === pid);
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}
