/** Programs that result formats are made for: found, or installed as the benchmark installs its peers. */

import { join } from "node:path";
import { labPlaces } from "../../src/cli/places.ts";
import { findPeer } from "../bench/install.ts";
import type { Source } from "../bench/peers/peer.ts";

/** The path of a program. Throws why there is none. */
export async function findProgram(name: string, source: Source): Promise<string> {
  const { cacheDir, path } = labPlaces();
  const options = { cacheDir: join(cacheDir, "peers"), path, allowed: true, note: () => {} };
  const program = await findPeer({ name, source }, options);
  if (typeof program === "string") throw new Error(`${name}: ${program}`);
  return program.argv[0]!;
}
