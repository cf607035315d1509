/** Completion for fish. */

import type { CommandCompletion, FlagCompletion, Offer } from "./completions.ts";

export function fishScript(commands: readonly CommandCompletion[]): string {
  return `# Completion of mesh-load for fish: mesh-load completion fish | source

function __mesh_load_command
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test $words[2] = $argv[1]
end

function __mesh_load_first
    test (count (commandline -opc)) -eq 1
end

complete -c mesh-load -f
${commands.flatMap(commandLines).join("\n")}
`;
}

function commandLines({ name, summary, flags, positional }: CommandCompletion): string[] {
  const within = `complete -c mesh-load -n '__mesh_load_command ${name}'`;
  const offered = offering(positional);
  return [
    `complete -c mesh-load -n __mesh_load_first -a ${name} -d ${quote(summary)}`,
    ...(offered === "" ? [] : [`${within} ${offered}`]),
    ...flags.map((flag) => `${within} ${flagText(flag)}`),
  ];
}

/** Never a short option (-s): fish would read -no-save as -n with a value. */
function flagText({ name, describe, takesValue, value }: FlagCompletion): string {
  const offered = offering(value);
  const valueText = takesValue ? ` -r ${offered}`.trimEnd() : "";
  return `-o ${name} -l ${name}${valueText} -d ${quote(describe)}`;
}

function offering({ words, isList, paths }: Offer): string {
  const listed = words.join(" ");
  const parts = [
    // Where no directory is asked for, fish tells files by -F.
    ...(paths === "file" ? ["-F"] : []),
    ...(paths === "directory" ? ["-a '(__fish_complete_directories)'"] : []),
    ...(words.length > 0 && isList
      ? [`-a '(__fish_complete_list , "string split \\" \\" \\"${listed}\\"")'`]
      : []),
    ...(words.length > 0 && !isList ? [`-a ${quote(listed)}`] : []),
  ];
  return parts.join(" ");
}

const quote = (text: string): string => `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
