/** A Python with the libraries that people read result formats with: installed once, into a cache of ours. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { labPlaces } from "../../src/cli/places.ts";

const run = promisify(execFile);
const limits = { timeout: 300_000, maxBuffer: 2 ** 26 };

const libraries = [
  "cmarkgfm==2025.10.22",
  "hdrhistogram==0.10.8",
  "junitparser==5.0.3",
  "lxml==6.1.3",
  "pandas==3.1.1",
  "prometheus_client==0.26.0",
];
/** Its source carries the schema that Jenkins' xUnit plugin holds JUnit files to, and pytest its own. */
const schemaOwner = "pytest==8.4.2";

export interface Python {
  /** What a script prints. */
  readonly run: (script: string, ...args: readonly string[]) => Promise<string>;
  /** Path of junit-10.xsd. */
  readonly junitSchema: string;
}

export async function installPython(): Promise<Python> {
  const place = join(labPlaces().cacheDir, "consumers");
  await mkdir(place, { recursive: true });
  const [packages, source] = await Promise.all([
    once(place, `python ${libraries.join(" ")}`, (into) =>
      run("pip", ["install", "--quiet", "--target", into, ...libraries], limits),
    ),
    once(place, schemaOwner, async (into) => {
      const sources = ["--no-deps", "--no-binary", ":all:"];
      await run("pip", ["download", "--quiet", ...sources, "--dest", into, schemaOwner], limits);
      await run("tar", ["-xzf", join(into, "pytest-8.4.2.tar.gz"), "-C", into], limits);
    }),
  ]);
  return {
    run: async (script, ...args) => {
      const env = { ...process.env, PYTHONPATH: packages };
      return (await run("python3", [script, ...args], { ...limits, env })).stdout;
    },
    junitSchema: join(source, "pytest-8.4.2", "testing", "example_scripts", "junit-10.xsd"),
  };
}

/** The directory that `install` filled, whole: what was interrupted is not found. */
async function once(
  place: string,
  name: string,
  install: (into: string) => Promise<unknown>,
): Promise<string> {
  const target = join(place, name.replaceAll(/[^\w.]+/g, "-"));
  if (existsSync(target)) return target;
  const part = await mkdtemp(join(place, ".part-"));
  try {
    await install(part);
    await rename(part, target);
  } catch (error) {
    await rm(part, { recursive: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}
