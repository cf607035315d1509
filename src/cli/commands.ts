/** The commands, in the order of the help. */

import { checkCommand } from "./check.ts";
import type { Command } from "./command.ts";
import { compareCommand } from "./compare.ts";
import { completionCommand } from "./completion.ts";
import { inspectCommand } from "./inspect.ts";
import { labCommand } from "./lab.ts";
import { reportCommand } from "./report.ts";
import { runCommand } from "./run.ts";

export const commands: readonly Command[] = [
  runCommand,
  compareCommand,
  checkCommand,
  reportCommand,
  inspectCommand,
  labCommand,
  completionCommand,
];
