/** What Fortio's users find of their outputs: the access log, failing requests on stderr, run ids in file names. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { start, temporaryDirectory } from "../cli/mesh-load.ts";

let requests = 0;
const server = createServer((request, response) => {
  requests++;
  response.statusCode = Number(request.url!.slice(1)) || 200;
  response.end("hello");
});
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

test("an access log has a line for each request of each run, at its intended start", async () => {
  using directory = temporaryDirectory();
  const args = ["run", url, "-c", "4", "-qps", "100", "-t", "500ms", "-reps", "2", "-threads", "2"];
  requests = 0;
  const before = Date.now();
  await start([...args, "-access-log-file", "logs/a.json"], { cwd: directory.path }).ended;
  const lines = readFileSync(join(directory.path, "logs/a.json"), "utf8").trimEnd().split("\n");
  expect(lines).toHaveLength(requests);
  const parsed = lines.map((line) => JSON.parse(line) as Record<string, number>);
  for (const run of [0, 1]) {
    const own = parsed.filter((one) => one["run"] === run);
    // Every 10 ms: to within the microsecond that a double holds of the nanoseconds since 1970.
    const starts = own.map((one) => one["timestamp"]! / 1e3);
    starts.forEach((us, i) => expect(Math.abs(us - starts[0]! - i * 10_000)).toBeLessThan(2));
    expect(starts).toHaveLength(50);
    expect(starts[0]! / 1e3).toBeGreaterThan(before);
    expect(starts.at(-1)! / 1e3).toBeLessThan(Date.now());
    expect(new Set(own.map((one) => one["connection"])).size).toBe(4);
    expect(new Set(own.map((one) => one["thread"])).size).toBe(2);
  }
});

test("a path that cannot be written is refused before the load", async () => {
  using directory = temporaryDirectory();
  writeFileSync(join(directory.path, "file"), "");
  requests = 0;
  const { code, stderr } = await start(["run", url, "-access-log-file", "file/log"], {
    cwd: directory.path,
  }).ended;
  expect([code, requests]).toEqual([3, 0]);
  expect(stderr).toMatch(/^mesh-load: Cannot write .*file\/log/);
  expect(existsSync(join(directory.path, "results"))).toBe(false);
});

test("failing requests are told as they come, unless -log-errors=false", async () => {
  using directory = temporaryDirectory();
  const args = ["run", `${url}/418`, "-qps", "50", "-t", "1500ms", "-allow-initial-errors"];
  const [told, silent] = [
    await start(args, { cwd: directory.path }).ended,
    await start([...args, "-log-errors=false"], { cwd: directory.path }).ended,
  ];
  const counts = [...told.stderr.matchAll(/ failed: 418 × (\d+)$/gm)].map(([, count]) => Number(count));
  expect(counts.length).toBeGreaterThanOrEqual(2);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(75);
  expect(silent.stderr).not.toMatch(/\b418\b/);
});

test("-runid stands in the file's name, as Fortio's does", async () => {
  using directory = temporaryDirectory();
  const args = ["run", url, "-n", "4", "-qps", "0", "-labels", "my run", "-runid", "42"];
  await start(args, { cwd: directory.path }).ended;
  expect(readdirSync(join(directory.path, "results"))[0]).toMatch(/^\d{4}-\d\d-\d\d-\d{6}_42_my_run\.json$/);
});
