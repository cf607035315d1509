/** Files that another process may read at any moment. */

import { rename, writeFile } from "node:fs/promises";

/** Writes beside `path` and renames, so that a reader finds the old text or the new, never a part. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
}
