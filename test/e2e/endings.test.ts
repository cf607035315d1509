/** How a run ends before its time, on the command line: what is saved, what is said, and the exit code. */

import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { readResultSet } from "../../src/result/read-result-set.ts";
import type { ResultSet } from "../../src/result/result.ts";
import { start, temporaryDirectory } from "../cli/mesh-load.ts";
import type { Transcript } from "../cli/mesh-load.ts";

/** The path is the status it answers with; `/after/N/STATUS` answers with it after N requests, `/reset` has none. */
const server = createServer((request, response) => {
  const [, first = "", count = "", status = ""] = request.url!.split("/");
  requests++;
  if (first === "reset") {
    request.socket.destroy();
    return;
  }
  response.statusCode = first === "after" ? (requests > Number(count) ? Number(status) : 200) : Number(first);
  response.end("hello");
});
let requests = 0;
let url = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const preload = ["--import", fileURLToPath(new URL("dying-thread.ts", import.meta.url))];

async function run(
  path: string,
  args: readonly string[],
  node: readonly string[] = [],
): Promise<Transcript & { set: ResultSet }> {
  requests = 0;
  using directory = temporaryDirectory();
  const { path: cwd } = directory;
  const ended = await start(["run", `${url}${path}`, ...args], { cwd, preload: node }).ended;
  const [file] = readdirSync(join(cwd, "results"));
  return { ...ended, set: await readResultSet(join(cwd, "results", file!)) };
}

const long = ["-c", "4", "-qps", "100", "-t", "10m", "-reps", "3"];

test.each([
  ["throw", "a driver thread died: injected"],
  ["exit", "a driver thread died: it ended too early"],
  ["memory", "a driver thread died: Worker terminated due to reaching memory limit"],
])("a driver thread that dies (%s) fails the run, and what the other measured is kept", async (how, why) => {
  vi.stubEnv("MESH_LOAD_TEST_DYING", "1");
  vi.stubEnv("MESH_LOAD_TEST_DEATH", how);
  const { code, stdout, set } = await run(
    "/200",
    [...long, "-threads", "2"],
    [...preload, "--max-old-space-size=60"],
  );
  vi.unstubAllEnvs();
  expect(code).toBe(4);
  expect(set.runs).toHaveLength(1);
  const [only] = set.runs;
  expect(only!.state).toBe("failed");
  expect(only!.stop!.code).toBe("thread-died");
  expect(only!.stop!.message).toContain(why);
  expect(stdout).toContain(`Run 1 failed: ${why}`);
  // The survivor's share is half the rate; the dead one's requests were sent, and are lost.
  expect(only!.actual.requests).toBeGreaterThan(10);
  expect(only!.actual.requests).toBeLessThan(requests);
  expect(only!.connections.map(({ thread, requests: own }) => [thread, own > 0]).sort()).toEqual([
    [0, true],
    [0, true],
    [1, false],
    [1, false],
  ]);
});

test("where all threads die, the run says so rather than that nothing answered", async () => {
  vi.stubEnv("MESH_LOAD_TEST_DYING", "0");
  vi.stubEnv("MESH_LOAD_TEST_DEATH", "throw");
  const { code, set } = await run("/200", long, preload);
  vi.unstubAllEnvs();
  expect(code).toBe(4);
  expect(set.runs[0]!.stop!.message).toContain("injected");
});

test("-abort-on ends everything at its status, saves and reports it, with exit code 1", async () => {
  const { code, stdout, set } = await run("/after/50/503", [...long, "-abort-on", "503"]);
  expect(code).toBe(1);
  expect(set.runs).toHaveLength(1);
  expect(set.runs[0]!.stop!.code).toBe("abort-on");
  expect(set.runs[0]!.statuses["200"]).toBe(50);
  expect(stdout).toContain("Run 1 failed: status 503, and -abort-on 503 ends that");
});

test("-abort-on -1 ends at a request without response", async () => {
  const { code, set } = await run("/reset", [...long, "-abort-on", "-1"]);
  expect([code, set.runs[0]!.stop!.code]).toEqual([3, "abort-on"]);
});

test("a first request that fails ends everything, unless -allow-initial-errors", async () => {
  const refused = await run("/404", long);
  expect([refused.code, refused.set.runs[0]!.stop!.code]).toEqual([1, "initial-error"]);
  expect(refused.stdout).toContain("the very first request failed (status 404)");
  expect(refused.set.runs[0]!.statuses["404"]).toBeLessThan(100);
  // There is nothing that a gate could judge, and that is not what is wrong.
  expect((await run("/404", [...long, "-gate", "p99<=1s"])).code).toBe(1);
  const allowed = await run("/404", ["-qps", "100", "-t", "300ms", "-allow-initial-errors"]);
  expect(allowed.set.runs[0]!.statuses).toEqual({ "404": 30 });
});

test("a result that cannot be saved is reported all the same, and then said to be unsaved", async () => {
  using directory = temporaryDirectory();
  const results = join(directory.path, "results");
  requests = 0;
  using started = start(["run", `${url}/200`, "-qps", "100", "-n", "50", "-reps", "2"], {
    cwd: directory.path,
  });
  await expect.poll(() => requests, { timeout: 20_000 }).toBeGreaterThan(20);
  rmSync(results, { recursive: true });
  writeFileSync(results, "");
  const { code, stdout, stderr } = await started.ended;
  expect(code).toBe(3);
  expect(stdout).toMatch(/^Requests +100$/m);
  expect(stderr).toMatch(/^mesh-load: Cannot write \S*results\S*: not a directory$/m);
  expect(requests).toBe(100);
});
