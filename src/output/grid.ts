/** Aligned columns without borders. The only importer of cli-table3. */

import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

const noLines = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
};

/**
 * The rows under their titles. Columns are two spaces apart, or one where the lines would otherwise be wider than `width`
 * (which then may still not do). Cells may hold colours.
 */
export function renderGrid(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const lines = render(columns, rows, "  ");
  return lines.some((line) => stripVTControlCharacters(line).length > width)
    ? render(columns, rows, " ")
    : lines;
}

function render(columns: readonly Column[], rows: readonly (readonly string[])[], gap: string): string[] {
  const table = new Table({
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ align }) => align ?? "right"),
    chars: { ...noLines, middle: gap },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
}
