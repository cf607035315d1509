/** Boolean flags as Go spells them, before yargs sees them: it would take `-linger0=ture` for false. */

import type { Flag } from "./flag.ts";
import { invalid } from "./values.ts";

// https://pkg.go.dev/strconv#ParseBool
const spellings: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(["1", "t", "T", "true", "TRUE", "True"].map((text) => [text, true])),
  ...Object.fromEntries(["0", "f", "F", "false", "FALSE", "False"].map((text) => [text, false])),
};

/** @throws MeshLoadError FLAG_INVALID where `-flag=VALUE` is neither true nor false, or a boolean is given twice */
export function normaliseBooleans(args: readonly string[], flags: readonly Flag[]): string[] {
  const seen = new Set<string>();
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  return args.map((arg, i) => {
    const [, name, value] = /^--?([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    const flag = flags.find((flag) => flag.kind === "boolean" && flag.name === name);
    if (i >= end || flag === undefined) return arg;
    if (seen.has(flag.name)) throw invalid(`-${flag.name} is given twice`, "Keep one of the two.");
    seen.add(flag.name);
    const next = args[i + 1];
    if (value === undefined && (next === "true" || next === "false"))
      throw invalid(`-${flag.name} ${next} needs an equals sign`, `Write -${flag.name}=${next}.`);
    if (value === undefined) return `--${flag.name}=true`;
    const meant = spellings[value];
    if (meant === undefined)
      throw invalid(
        `-${flag.name}=${value} is neither true nor false`,
        `Write -${flag.name}=true or -${flag.name}=false.`,
      );
    return `--${flag.name}=${meant}`;
  });
}
