/** CSV as RFC 4180 has it, and as Python's csv module, pandas and spreadsheets read it. */

export type Cell = string | number | boolean | null | undefined;

/** Every column and where it comes from; empty where it is not known. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => Cell>>;

/** The header and a line for each row, ended by CR LF; a part for each of `groups`. */
export function* csvParts<Row>(columns: Columns<Row>, groups: Iterable<readonly Row[]>): Generator<string> {
  const cells = Object.values(columns);
  yield lineOf(Object.keys(columns));
  for (const rows of groups) yield rows.map((row) => lineOf(cells.map((cell) => cell(row)))).join("");
}

function lineOf(cells: readonly Cell[]): string {
  return `${cells.map(quote).join(",")}\r\n`;
}

function quote(cell: Cell): string {
  const text = String(cell ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
