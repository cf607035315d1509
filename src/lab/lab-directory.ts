/** Where a lab keeps its state and logs. */

import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOrphans } from "./orphans.ts";
import type { LabContext } from "./places.ts";

/** Creates `count` directories, and names the Envoys that a killed mesh-load left beside them. */
export async function labDirectories(
  count: number,
  { places, onNote }: Pick<LabContext, "places" | "onNote">,
): Promise<string[]> {
  const labs = join(places.cacheDir, "labs");
  for (const { owner, envoy } of await findOrphans(labs))
    onNote(
      `An Envoy of an earlier mesh-load (PID ${owner.pid}, killed) still runs and takes CPU: end it with "kill ${envoy.pid}"`,
    );
  const directories: string[] = [];
  while (directories.length < count) directories.push(await labDirectory(labs));
  return directories;
}

/** A directory of the lab's own in the cache, or where that cannot be written, among the temporary files. */
async function labDirectory(labs: string): Promise<string> {
  try {
    await mkdir(labs, { recursive: true });
    return await mkdtemp(join(labs, "lab-"));
  } catch {
    return mkdtemp(join(tmpdir(), "mesh-load-lab-"));
  }
}
