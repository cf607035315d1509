/** What a command of `mesh-load` is. */

import type { Flag } from "./flag.ts";
import type { Terminal } from "./terminal.ts";
import type { FlagValues } from "./values.ts";

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Its positional arguments as help shows them: `[URL | MODE=URL ...]`. */
  readonly positionals: string;
  /** Fewest and most of them. */
  readonly arity: readonly [least: number, most: number];
  /** What completion offers for them: files, or these words. */
  readonly completes?: "file" | readonly string[];
  readonly flags: readonly Flag[];
  readonly examples: readonly (readonly [command: string, what: string])[];
  /** Does the work and resolves to the exit code. What ends it early is thrown. */
  readonly execute: (input: CommandInput) => Promise<number>;
}

export interface CommandInput {
  readonly positionals: readonly string[];
  readonly values: FlagValues;
  /** All that there are. */
  readonly commands: readonly Command[];
  readonly terminal: Terminal;
  readonly version: string;
  /** From the first call on, the first SIGINT or SIGTERM aborts the signal instead of ending the process. */
  readonly interruptible: () => AbortSignal;
}
