/** A comparison as JSON: docs/comparison.schema.json says what is in it. */

import type { Check, Comparison } from "../compare/comparison.ts";

/** Indented, with each list of plain values on a line of its own; ends with a line feed. */
export function renderComparisonJson(comparison: Comparison | Check): string {
  const text = JSON.stringify(comparison, null, 2);
  // Indented JSON has a line for every number of a list; nobody reads it so.
  const compact = text.replaceAll(
    /\[\n\s+([^[\]{}\n]*(?:,\n[^[\]{}\n]*)*)\n\s*\]/g,
    (_, items: string) => `[${items.replaceAll(/,\n\s+/g, ", ")}]`,
  );
  return `${compact}\n`;
}
