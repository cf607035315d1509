/** What a format makes of result sets. */

import type { ResultSet } from "../result/result.ts";

/** A text to print or to store. Formats that have a text for each run, or each mode, make several. */
export interface Document {
  /** File name, where several go into a directory. */
  readonly name: string;
  /** In parts where it may be too long for one string. */
  readonly text: string | Iterable<string>;
}

/** Where a text is meant to be read. */
export interface Page {
  /** Width to wrap running text at; tables need 80. */
  readonly columns: number;
  readonly color: boolean;
}

/** Pure; a promise for formats that have something to load first. */
export type Output = (
  sets: readonly ResultSet[],
  page: Page,
) => readonly Document[] | Promise<readonly Document[]>;

/** One text of all the sets, named after the first. */
export function oneDocument(
  [first]: readonly ResultSet[],
  extension: string,
  text: Document["text"],
): Document[] {
  return [{ name: `${first?.id ?? "empty"}.${extension}`, text }];
}
