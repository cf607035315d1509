/** A result set as JSON text: what is stored, and what `-json` prints. */

import type { ResultSet, Run } from "./result.ts";

/**
 * Indented down to the fields of a run, with each worker, connection, second and warning on a line of its own: small, and
 * a person (or `diff`) still finds things. Ends with a line feed.
 */
export function resultText(set: ResultSet): string {
  return [...resultParts(set)].join("");
}

/** The same text in parts, of which none is longer than a run: a large set need not be one string. */
export function* resultParts(set: ResultSet): Generator<string> {
  let separator = "{";
  for (const [key, value] of Object.entries(set)) {
    yield `${separator}\n  ${JSON.stringify(key)}: `;
    if (key === "runs" && set.runs.length > 0) yield* runParts(set.runs);
    else yield render(value, 1, key);
    separator = ",";
  }
  yield "\n}\n";
}

function* runParts(runs: readonly Run[]): Generator<string> {
  for (const [i, run] of runs.entries()) yield `${i === 0 ? "[" : ","}\n    ${runText(run)}`;
  yield "\n  ]";
}

/** A run never changes, and an experiment writes its runs again after each: so each is made text once. */
const runTexts = new WeakMap<Run, string>();

function runText(run: Run): string {
  const known = runTexts.get(run);
  if (known !== undefined) return known;
  const text = render(run, 2, "runs");
  runTexts.set(run, text);
  return text;
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
