/** JSON: the very text that is stored, so that it may be read back. */

import type { ResultSet } from "../result/result.ts";
import { resultParts } from "../result/text.ts";
import type { Document } from "./document.ts";

/** A document for each set: several are no JSON document. */
export function json(sets: readonly ResultSet[]): Document[] {
  return sets.map((set) => ({ name: `${set.id}.json`, text: resultParts(set) }));
}
