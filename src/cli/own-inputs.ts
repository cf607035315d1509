/** What is read must not be written over: a result cannot be made again from what replaced it. */

import { realpath } from "node:fs/promises";
import { invalid } from "./values.ts";

/**
 * `paths` are files, or directories of results.
 *
 * @throws MeshLoadError FLAG_INVALID where `-o` names one of these files, by whatever path
 */
export async function refuseOverwriting(paths: readonly string[], to: string | undefined): Promise<void> {
  if (to === undefined || to === "-") return;
  const target = await realpath(to).catch(() => null);
  if (target === null) return;
  const { resultFiles } = await import("./result-sets.ts");
  const inputs = (await Promise.all(paths.map(resultFiles))).flat();
  for (const input of inputs)
    if ((await realpath(input).catch(() => null)) === target)
      throw invalid(`-o ${to} is one of the files that are read`, "Write to another file.");
}
