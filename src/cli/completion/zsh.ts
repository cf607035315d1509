/** Completion for zsh: a file of its completion system, or sourced. */

import type { CommandCompletion, FlagCompletion, Offer } from "./completions.ts";

export function zshScript(commands: readonly CommandCompletion[]): string {
  return `#compdef mesh-load
# Completion of mesh-load for zsh: source <(mesh-load completion zsh), or a file _mesh-load on the fpath.

_mesh_load() {
  local -a commands specs
  if (( CURRENT == 2 )); then
    commands=(
${commands.map(({ name, summary }) => `      ${quote(`${name}:${summary}`)}`).join("\n")}
    )
    _describe command commands
    return
  fi
  case $words[2] in
${commands.map(commandCase).join("\n")}
  esac
  # Both -flag and --flag work.
  [[ $PREFIX == --* ]] && specs=("\${(@)specs/-/--}")
  shift words
  (( CURRENT-- ))
  _arguments : $specs
}

if [[ $funcstack[1] == _mesh-load ]]; then
  _mesh_load
else
  compdef _mesh_load mesh-load
fi
`;
}

function commandCase({ name, flags, positional }: CommandCompletion): string {
  const offered = action(positional);
  // An argument that offers nothing would be a message, and a message keeps zsh from inserting what is unique.
  const specs = [...flags.map(flagSpec), ...(offered === " " ? [] : [`*:argument:${offered}`])];
  return `    ${name}) specs=(\n${specs.map((spec) => `      ${quote(spec)}`).join("\n")}\n    ) ;;`;
}

/** As `_arguments` reads it: `-map=[…]:value:(auto epoll)`. */
function flagSpec({ name, describe, takesValue, repeatable, value }: FlagCompletion): string {
  const said = `[${describe.replaceAll(/[[\]\\]/g, String.raw`\$&`)}]`;
  if (!takesValue) return `-${name}${said}`;
  return `${repeatable ? "*" : ""}-${name}=${said}:value:${action(value)}`;
}

function action({ words, isList, paths }: Offer): string {
  const listed = words.join(" ");
  const pathAction = paths === "directory" ? "_files -/" : "_files";
  if (words.length === 0) return paths === null ? " " : pathAction;
  if (isList) return `_values -s , value ${listed}`;
  return paths === null ? `(${listed})` : `{ compadd -- ${listed}; ${pathAction} }`;
}

const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
