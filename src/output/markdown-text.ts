/** GitHub-flavoured Markdown: text that means what it says, and tables. https://github.github.com/gfm/ */

import { oneLine } from "./plain.ts";

/**
 * Text with every character escaped that Markdown, HTML in it, or GitHub's mathematics and mentions could take for its own
 * (GFM §2.4, §6.9), also at the start of a block. Line ends become spaces: they would end a table's row.
 */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replaceAll(/[\\`*_{}[\]<>&#|~$@]|:(?=\/\/)|(?<=\bwww)\./gi, "\\$&")
    .replace(/^(\d*)([-+.)])(?=\s|$)/, "$1\\$2");
}

/** A table of cells as they are; the first column is aligned left, the others right. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = titles.map((_, i) => (i === 0 ? ":---" : "---:"));
  return [tableRow(titles), `| ${rule.join(" | ")} |`, ...rows.map(tableRow)].join("\n");
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.map(escapeMarkdown).join(" | ")} |`;
}

/** A section that opens on a click. `title` is plain text. */
export function markdownDetails(title: string, body: string): string {
  const html = oneLine(title).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<details><summary>${html}</summary>\n\n${body}\n\n</details>`;
}

/** https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands: 1 MiB a step. */
export const summaryBytes = 2 ** 20;

/**
 * As many blocks as fit into `limitBytes` (UTF-8), empty lines between them, and a last one that says how many are left
 * out. GitHub shows nothing of a summary that is too long.
 */
export function blocksWithin(blocks: readonly string[], limitBytes: number): string {
  const note = (left: number): string =>
    `_${left} more sections are left out: a summary holds ${limitBytes} bytes._`;
  const bytes = blocks.map((block) => Buffer.byteLength(block) + 2);
  const total = bytes.reduce((sum, size) => sum + size, 0);
  let room = total <= limitBytes ? limitBytes : limitBytes - note(blocks.length).length - 2;
  const fitting = bytes.findIndex((size) => (room -= size) < 0);
  const kept = fitting === -1 ? blocks : [...blocks.slice(0, fitting), note(blocks.length - fitting)];
  return `${kept.join("\n\n")}\n`;
}
