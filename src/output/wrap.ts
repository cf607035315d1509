/** Running text on lines of a given width. */

import { oneLine } from "./plain.ts";

/**
 * Breaks plain text at spaces. The first line begins with `first`, the others with as many spaces as `hang` says. A word longer than
 * a line has one of its own.
 */
export function wrap(
  text: string,
  columns: number,
  { first = "", hang = 2 }: { first?: string; hang?: number } = {},
): string[] {
  const lines: string[] = [];
  let start = first;
  let line = "";
  for (const word of oneLine(text).split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (start.length + longer.length <= columns || line === "") line = longer;
    else {
      lines.push(start + line);
      start = " ".repeat(hang);
      line = word;
    }
  }
  return [...lines, start + line];
}
