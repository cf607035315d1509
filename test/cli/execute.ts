/** Runs a command in this process: much quicker than in one of its own, and no less real up to the terminal. */

import { commands } from "../../src/cli/commands.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";

/** What `mesh-load ARGS` prints to stdout and ends with. Throws what it throws. */
export async function execute(
  ...args: string[]
): Promise<{ readonly code: number; readonly stdout: string }> {
  const parsed = await parseCommandLine(args, commands, 80);
  if (parsed.kind !== "command") throw new Error(parsed.kind);
  let stdout = "";
  const code = await parsed.command.execute({
    values: parsed.values,
    positionals: parsed.positionals,
    version: "0.0.0",
    commands,
    terminal: {
      columns: 80,
      color: false,
      stderr: { write: () => true, isTTY: false, columns: 80 },
      print: async (text) => {
        stdout += [...text].join("");
        return true;
      },
      note: () => {},
    },
    interruptible: () => new AbortController().signal,
  });
  return { code, stdout };
}
