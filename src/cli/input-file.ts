/** Files that flags name to be read. */

import { readFileSync } from "node:fs";
import { getSystemErrorMessage } from "node:util";
import { messageOf } from "../errors.ts";
import type { MeshLoadError } from "../errors.ts";

const stdin = 0;

/** The whole file, or stdin for `-`. @throws what `unreadable` makes of the system's reason */
export function readInput(path: string, unreadable: (reason: string) => MeshLoadError): Buffer {
  try {
    return readFileSync(path === "-" ? stdin : path);
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    throw unreadable(errno === undefined ? messageOf(error) : getSystemErrorMessage(errno));
  }
}
