/** Completion for bash 4 and newer, with nothing beside it. */

import type { CommandCompletion, Offer } from "./completions.ts";

export function bashScript(commands: readonly CommandCompletion[]): string {
  return `# Completion of mesh-load for bash: source <(mesh-load completion bash)

# _mesh_load_offer PREFIX WORD WORDS PATHS: what begins with WORD, with PREFIX before it.
_mesh_load_offer() {
  local prefix=$1 word=$2 words=$3 paths=$4 found=()
  [[ -n $words ]] && mapfile -t found < <(compgen -P "$prefix" -W "$words" -- "$word")
  COMPREPLY+=("\${found[@]}")
  [[ -z $paths ]] && return
  mapfile -t found < <(compgen -P "$prefix" -A "$paths" -- "$word")
  COMPREPLY+=("\${found[@]}")
  # Only while a completion runs.
  compopt -o filenames 2>/dev/null
}

_mesh_load() {
  local word=\${COMP_WORDS[COMP_CWORD]} flag=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} equals="" prefix=""
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _mesh_load_offer "" "$word" "${commands.map(({ name }) => name).join(" ")}" ""
    return
  fi
  # Where = breaks words, -flag=value is three of them.
  if [[ $word == "=" ]]; then
    equals=1 word=""
  elif [[ $flag == "=" ]]; then
    equals=1 flag=\${COMP_WORDS[COMP_CWORD-2]}
  elif [[ $word == -*=* ]]; then
    equals=1 flag=\${word%%=*} prefix=\${word%%=*}= word=\${word#*=}
  fi
  if [[ $flag == -* ]]; then
    flag=\${flag#-}
    case "$command \${flag#-} $equals" in
${commands.flatMap(valueCases).join("\n")}
    esac
  fi
  local dash=-
  [[ $word == --* ]] && dash=--
  case "$command" in
${commands.map(commandCase).join("\n")}
  esac
}

complete -F _mesh_load mesh-load
`;
}

/** Flags that offer the same share a case; a boolean has a value only after an equals sign. */
function valueCases({ name, flags }: CommandCompletion): string[] {
  const patterns = new Map<string, string[]>();
  for (const flag of flags) {
    const then = offering(flag.value);
    const pattern = `"${name} ${flag.name} "${flag.takesValue ? "*" : "1"}`;
    patterns.set(then, [...(patterns.get(then) ?? []), pattern]);
  }
  return [...patterns].map(([then, all]) => `      ${all.join(" | ")}) ${then} return ;;`);
}

function offering({ words, isList, paths }: Offer): string {
  if (words.length === 0 && paths === null) return "";
  const all = `"${words.join(" ")}" "${paths ?? ""}"`;
  if (!isList) return `_mesh_load_offer "$prefix" "$word" ${all};`;
  return `[[ $word == *,* ]] && prefix+=\${word%,*},; _mesh_load_offer "$prefix" "\${word##*,}" ${all};`;
}

/** Flags after a dash, and where there is nothing else to offer. */
function commandCase({ name, flags, positional }: CommandCompletion): string {
  const offer = offering(positional);
  const names = flags.map((flag) => flag.name).join(" ");
  const flagOffer = `_mesh_load_offer "$dash" "\${word#$dash}" "${names}" ""`;
  if (flags.length === 0) return `    ${name}) ${offer} return ;;`;
  if (offer === "") return `    ${name}) [[ -z $word || $word == -* ]] && ${flagOffer} ;;`;
  return `    ${name}) if [[ $word == -* ]]; then ${flagOffer}; else ${offer} fi ;;`;
}
