/** uPlot as it is shipped, to be put into a page: the only reader of its files. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** Text of the script, which defines `uPlot`, and of its style sheet. */
export async function loadUplot(): Promise<{ script: string; style: string }> {
  const require = createRequire(import.meta.url);
  const [script, style] = await Promise.all([
    readFile(require.resolve("uplot/dist/uPlot.iife.min.js"), "utf8"),
    readFile(require.resolve("uplot/dist/uPlot.min.css"), "utf8"),
  ]);
  return { script, style };
}
