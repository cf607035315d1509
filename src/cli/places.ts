/** Where things lie for the user who runs the command. */

import { homedir } from "node:os";
import { join } from "node:path";
import type { LabPlaces } from "../lab/places.ts";

/** From the environment; the cache as the XDG Base Directory Specification has it. */
export function labPlaces(): LabPlaces {
  const { ENVOY_BIN: envoyBin, PATH: path = "", XDG_CACHE_HOME: cache } = process.env;
  // A relative path is invalid there, and to be ignored.
  const base = cache?.startsWith("/") ? cache : join(homedir(), ".cache");
  return { envoyBin: envoyBin === "" ? undefined : envoyBin, path, cacheDir: join(base, "mesh-load") };
}
