/** A result set as JSON text: what is stored, and what `-json` prints. */

import type { ResultSet } from "./result.ts";

/**
 * Indented down to the fields of a run, with each worker, connection, second and warning on a line of its own: small, and
 * a person (or `diff`) still finds things. Ends with a line feed.
 */
export function resultText(set: ResultSet): string {
  return `${render(set, 0, "")}\n`;
}

/** A value that needs no more than this stays on its line. */
const lineLength = 100;

/** Lists whose items are rows, a line each, whatever their length. */
const rowLists = new Set(["connections", "series", "blocks", "points", "warnings"]);

function render(value: unknown, depth: number, key: string): string {
  const line = JSON.stringify(value);
  if (typeof value !== "object" || value === null || isLine(value, line, key)) return line;
  const entries = Array.isArray(value)
    ? value.map((item) => render(item, depth + 1, key))
    : Object.entries(value).map(
        ([name, item]) => `${JSON.stringify(name)}: ${render(item, depth + 1, name)}`,
      );
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const [outer, inner] = ["  ".repeat(depth), "  ".repeat(depth + 1)];
  return `${open}\n${entries.map((entry) => `${inner}${entry}`).join(",\n")}\n${outer}${close}`;
}

function isLine(value: object, line: string, key: string): boolean {
  if (Array.isArray(value)) return value.every((item) => typeof item !== "object");
  return line.length <= lineLength || rowLists.has(key) || "histogram" in value;
}
