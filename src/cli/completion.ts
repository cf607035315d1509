/** `mesh-load completion`: a script that makes a shell complete commands, flags and values. */

import { exitCodes } from "../errors.ts";
import { didYouMean } from "../nearest.ts";
import type { Command, CommandInput } from "./command.ts";
import { invalid } from "./values.ts";

const shells = ["bash", "zsh", "fish"] as const;

export const completionCommand: Command = {
  name: "completion",
  summary: "Print a script for bash, zsh or fish that completes commands, flags and values",
  positionals: "bash | zsh | fish",
  arity: [1, 1],
  completes: shells,
  flags: [],
  examples: [
    ["mesh-load completion bash > ~/.local/share/bash-completion/completions/mesh-load", "In every new bash"],
    ['mesh-load completion zsh > "${fpath[1]}/_mesh-load"', "In zsh, with compinit"],
    ["mesh-load completion fish > ~/.config/fish/completions/mesh-load.fish", "In fish"],
  ],
  execute,
};

async function execute({ positionals: [name = ""], commands, terminal }: CommandInput): Promise<number> {
  const shell = shells.find((shell) => shell === name);
  if (shell === undefined)
    throw invalid(
      `no completion for ${JSON.stringify(name)}`,
      didYouMean(name, shells) || `There is one for ${shells.join(", ")}.`,
    );
  const { completions } = await import("./completion/completions.ts");
  const { scriptOf } = await import("./completion/scripts.ts");
  await terminal.print(scriptOf[shell](completions(commands)));
  return exitCodes.done;
}
