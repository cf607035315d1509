/** What a flag is: the parser, the help, completion and the tests go by it. */

/** `text` may hold anything, as may `file`, `directory` and `profile`, which are completed; lists and `wholes` are separated by commas; `duration` is Go's (`5s`, `1m30s`). */
type FlagKind =
  | "text"
  | "file"
  | "directory"
  | "profile"
  | "number"
  | "whole"
  | "wholes"
  | "duration"
  | "boolean"
  | "list"
  | "choice";

export interface Flag {
  readonly name: string;
  readonly kind: FlagKind;
  readonly describe: string;
  readonly group: string;
  /** As help shows it; what it resolves to is decided in the plan. */
  readonly default?: string;
  readonly choices?: readonly string[];
  /** A value for hints, where that of the kind would make no sense. */
  readonly example?: string;
  /** May be given several times. */
  readonly repeatable?: true;
}

export type Row = readonly [
  name: string,
  kind: FlagKind,
  describe: string,
  more?: Omit<Flag, "name" | "kind" | "describe" | "group">,
];

export const inGroup = (group: string, rows: readonly Row[]): Flag[] =>
  rows.map(([name, kind, describe, more]) => ({ name, kind, describe, group, ...more }));
