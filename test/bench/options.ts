/** The benchmark's command line. */

import { parseArgs } from "node:util";

export interface BenchOptions {
  readonly names: readonly string[];
  /** Instead of the job's own. */
  readonly rounds: number | null;
  readonly seconds: number | null;
  /** Install the peers that are not found. */
  readonly install: boolean;
  /** Put the tables into docs/BENCHMARKS.md. */
  readonly write: boolean;
}

export function readOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: args.map((argument) => argument.replace(/^-(?=[a-z])/, "--")),
    allowPositionals: true,
    options: {
      rounds: { type: "string" },
      seconds: { type: "string" },
      "no-install": { type: "boolean", default: false },
      write: { type: "boolean", default: false },
    },
  });
  return {
    names: positionals,
    rounds: whole("rounds", values.rounds),
    seconds: whole("seconds", values.seconds),
    install: !values["no-install"],
    write: values.write,
  };
}

function whole(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 600)
    throw new Error(`-${name} ${text}: give a whole number, 1 to 600`);
  return value;
}
