/** Runs a command in this process: much quicker than in one of its own, and no less real up to the terminal. */

import { checkCommand } from "../../src/cli/check.ts";
import { compareCommand } from "../../src/cli/compare.ts";
import { inspectCommand } from "../../src/cli/inspect.ts";
import { labCommand } from "../../src/cli/lab.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { reportCommand } from "../../src/cli/report.ts";
import { runCommand } from "../../src/cli/run.ts";

const commands = [runCommand, compareCommand, checkCommand, reportCommand, inspectCommand, labCommand];

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
