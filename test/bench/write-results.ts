/** Puts what was measured between the markers of docs/BENCHMARKS.md. */

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const begin = "<!-- results: written by npm run bench -- -write -->";
const end = "<!-- end of results -->";

/** Replaces all earlier results, formatted as the repository is. Resolves to the path written. */
export async function writeResults(markdown: string): Promise<string> {
  const path = fileURLToPath(new URL("../../docs/BENCHMARKS.md", import.meta.url));
  await writeFile(path, replaceBetween(await readFile(path, "utf8"), markdown));
  await promisify(execFile)("npx", ["oxfmt", path]);
  return path;
}

/** The page with `markdown` instead of what stood between the markers; throws where it has none. */
export function replaceBetween(page: string, markdown: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no "${begin}" … "${end}"`);
  return `${page.slice(0, from + begin.length)}\n\n${markdown.trim()}\n\n${page.slice(to)}`;
}
