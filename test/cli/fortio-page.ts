/** docs/FORTIO.md, as data. */

import { readFileSync } from "node:fs";

export interface FortioRow {
  readonly name: string;
  readonly here: string;
}

const page = readFileSync(new URL("../../docs/FORTIO.md", import.meta.url), "utf8");

/** Every flag of its tables. */
export const fortioRows: readonly FortioRow[] = [...page.matchAll(/^\| (`-.*?) *\| (\w+) *\|/gm)].flatMap(
  ([, flags, here]) => [...flags!.matchAll(/`-([^`]+)`/g)].map(([, name]) => ({ name: name!, here: here! })),
);
