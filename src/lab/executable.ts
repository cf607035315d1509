/** What can be started. */

import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";

/** Why a path cannot be started, or `null` where it can. */
export async function faultOf(path: string): Promise<string | null> {
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
