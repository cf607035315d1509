/** JSON: the very text that is stored. */

import type { ResultSet } from "../result/result.ts";
import { resultText } from "../result/text.ts";

/** The result set as a result file holds it, so that `-json -` may be read back. */
export function renderJson(set: ResultSet): string {
  return resultText(set);
}
