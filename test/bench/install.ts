/** Finds the peers, and installs what can be installed: into a cache of our own, only Debian packages into the system. */

import { execFile } from "node:child_process";
import { access, constants, mkdir, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { messageOf } from "../../src/errors.ts";
import type { Peer, Source } from "./peers/peer.ts";

const run = promisify(execFile);
/** Compiling oha takes the longest: ten minutes on two cores. */
const installLimitMs = 1_500_000;

const installers = { apt: "apt-get", go: "go install", npm: "npm", cargo: "cargo install" } as const;

export interface Program {
  /** Program and leading arguments. */
  readonly argv: readonly string[];
  readonly version: string;
}

export interface InstallOptions {
  readonly cacheDir: string;
  /** $PATH */
  readonly path: string;
  /** `false` = use only what is there. */
  readonly allowed: boolean;
  readonly note: (line: string) => void;
}

/** The program of a peer, or why there is none. */
export async function findPeer(
  { name, source }: Pick<Peer, "name" | "source">,
  options: InstallOptions,
): Promise<Program | string> {
  try {
    if (source.kind === "own") return await own();
    const at = await locate(source, options);
    if (at !== null) return { argv: at, version: await versionOf(source, at) };
    if (!options.allowed) return "not found, and not installed";
    const minutes = source.kind === "cargo" ? ", which takes minutes" : "";
    options.note(`${name} not found: installing it with ${installers[source.kind]}${minutes}`);
    await install(source, options);
    const installed = await locate(source, options);
    return installed === null
      ? "installed, but not found afterwards"
      : { argv: installed, version: await versionOf(source, installed) };
  } catch (error) {
    return `cannot be installed: ${messageOf(error).trim().split("\n").at(-1)}`;
  }
}

/** mesh-load as its users run it: built. */
async function own(): Promise<Program> {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  await run("npm", ["run", "--silent", "build"], { cwd: root, timeout: installLimitMs });
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  return { argv: [process.execPath, join(root, "dist", "cli", "main.js")], version };
}

async function locate(source: Source, { cacheDir, path }: InstallOptions): Promise<string[] | null> {
  if (source.kind === "own") return null;
  if (source.kind === "npm") {
    const script = join(npmRoot(cacheDir, source.package), "node_modules", source.package, source.entry);
    return (await readable(script)) ? [process.execPath, script] : null;
  }
  for (const directory of [binDir(cacheDir), ...path.split(delimiter)]) {
    const candidate = join(directory, source.binary);
    if (await readable(candidate, constants.X_OK)) return [candidate];
  }
  return null;
}

const limits = { timeout: installLimitMs, maxBuffer: 2 ** 26 };

/** Debian packages into the system, which root alone can. */
export async function installDebian(...packages: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error(`only root can: apt-get install ${packages.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], { ...limits, env });
  await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], { ...limits, env });
}

async function install(source: Source, { cacheDir }: InstallOptions): Promise<void> {
  await mkdir(binDir(cacheDir), { recursive: true });
  switch (source.kind) {
    case "apt":
      await installDebian(source.package);
      return;
    case "go":
      await run("go", ["install", `${source.module}@${source.version}`], {
        ...limits,
        env: { ...process.env, GOBIN: binDir(cacheDir) },
      });
      return;
    case "npm": {
      const prefix = npmRoot(cacheDir, source.package);
      await mkdir(prefix, { recursive: true });
      const quiet = ["--silent", "--no-audit", "--no-fund"];
      await run(
        "npm",
        ["install", ...quiet, "--prefix", prefix, `${source.package}@${source.version}`],
        limits,
      );
      return;
    }
    case "cargo":
      await run(
        "cargo",
        ["install", "--quiet", "--locked", "--root", cacheDir, `${source.crate}@${source.version}`],
        limits,
      );
      return;
    case "own":
      return;
    default:
      return source satisfies never;
  }
}

const binDir = (cacheDir: string): string => join(cacheDir, "bin");
const npmRoot = (cacheDir: string, name: string): string => join(cacheDir, name);

async function readable(path: string, mode = constants.R_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

/** Found programs may be others than those we would install: what they say of themselves counts. */
async function versionOf(source: Source, argv: readonly string[]): Promise<string> {
  if (source.kind === "own") return "";
  if (source.kind === "npm") return source.version;
  // hey tells no version, and wrk tells it while failing.
  const asked = source.kind === "go" ? run("go", ["version", "-m", argv[0]!]) : run(argv[0]!, ["--version"]);
  const output = await asked.then(
    ({ stdout }) => stdout,
    (error: { stdout?: string }) => error.stdout ?? "",
  );
  const pattern = source.kind === "go" ? /^\s+mod\s+\S+\s+(\S+)/m : /(\d+\.\d+(?:\.\d+)?)/;
  return pattern.exec(output)?.[1] ?? "unknown";
}
