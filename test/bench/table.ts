/** Markdown tables. */

export interface Table {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Lines below it. */
  readonly notes: readonly string[];
}

/** Text in the first column, numbers in the others. */
export function renderTable({ headings, rows, notes }: Table): string {
  const rule = headings.map((_, i) => (i === 0 ? "---" : "---:"));
  const table = [headings, rule, ...rows].map(line).join("\n");
  const list = notes.map((note) => `- ${note}`).join("\n");
  return notes.length === 0 ? table : `${table}\n\n${list}`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
