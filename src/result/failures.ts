/** What counts as failed, wherever it is counted. */

import type { Run } from "./result.ts";

/** Requests without a complete response, and complete ones of status 400 or above. */
export function failuresOf({ failures }: Pick<Run, "failures">): number {
  return Object.values(failures).reduce((sum, count) => sum + count, 0);
}
