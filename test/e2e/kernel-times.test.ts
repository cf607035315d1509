/** Whose time the end of a response has: the kernel's where Node can ask it, that of the thread that read it otherwise. */

import { afterAll, expect, test } from "vitest";
import type { ResultSet } from "../../src/result/result.ts";
import { start, temporaryDirectory } from "../cli/mesh-load.ts";
import { answersOk } from "../servers/behaviours.ts";
import { startServer } from "../servers/start-server.ts";

const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());

const asked = ["-qps", "500", "-c", "20", "-t", "1s", "-quiet", "-no-save", "-json", "-"];

test.each<[what: string, preload: string[], flags: string[], most: number]>([
  ["the kernel's, but for the first of each connection", [], [], 480],
  ["a thread's where Node has no FFI", ["--no-experimental-ffi"], [], 0],
  ["a thread's with -pacing coarse", [], ["-pacing", "coarse"], 0],
  ["a thread's by the standard client", [], ["-stdclient"], 0],
])("%s", async (_, preload, flags, most) => {
  await using server = await startServer(answersOk());
  using child = start(["run", server.url, ...asked, ...flags], { cwd: directory.path, preload });
  const { code, stdout, stderr } = await child.ended;
  expect(stderr).not.toMatch(/FFI/);
  expect(code).toBe(0);
  const [run] = (JSON.parse(stdout) as ResultSet).runs;
  expect(run!.statuses).toEqual({ 200: 500 });
  expect(server.requests).toBe(500);
  expect(server.connections).toBe(20);
  // A pause of the machine has some read as they come.
  expect(run!.kernelTimed).toBeLessThanOrEqual(most);
  expect(run!.kernelTimed).toBeGreaterThanOrEqual(most / 2);
});
