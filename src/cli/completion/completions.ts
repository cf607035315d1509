/** What completion offers where, for any shell: the flags table, read once more. */

import type { Command } from "../command.ts";
import type { Flag } from "../flag.ts";
import { profileNames } from "../profile-file.ts";
import { topics } from "../topics.ts";

/** What may stand in one place. */
export interface Offer {
  readonly words: readonly string[];
  /** Several of the words, separated by commas. */
  readonly isList: boolean;
  readonly paths: "file" | "directory" | null;
}

export interface FlagCompletion {
  readonly name: string;
  readonly describe: string;
  /** It has a value of its own, other than after an equals sign. */
  readonly takesValue: boolean;
  readonly repeatable: boolean;
  readonly value: Offer;
}

export interface CommandCompletion {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly FlagCompletion[];
  readonly positional: Offer;
}

const nothing: Offer = { words: [], isList: false, paths: null };

/** Of every command, and of the two words that are none. */
export function completions(commands: readonly Command[]): CommandCompletion[] {
  const names = [...commands, ...topics].map(({ name }) => name);
  return [
    ...commands.map(({ name, summary, flags, completes = [] }) => ({
      name,
      summary,
      flags: flags.map(flagCompletion),
      positional: completes === "file" ? { ...nothing, paths: completes } : { ...nothing, words: completes },
    })),
    {
      name: "help",
      summary: "Tell of a command or a topic",
      flags: [],
      positional: { ...nothing, words: names },
    },
    { name: "version", summary: "Tell the version", flags: [], positional: nothing },
  ];
}

function flagCompletion(flag: Flag): FlagCompletion {
  const { name, describe, kind, repeatable = false } = flag;
  return { name, describe, takesValue: kind !== "boolean", repeatable, value: valueOf(flag) };
}

function valueOf({ kind, choices = [] }: Flag): Offer {
  switch (kind) {
    case "file":
    case "directory":
      return { ...nothing, paths: kind };
    case "profile":
      return { words: profileNames(), isList: false, paths: "file" };
    case "boolean":
      return { ...nothing, words: ["true", "false"] };
    case "choice":
    case "list":
      return { ...nothing, words: choices, isList: kind === "list" };
    case "text":
    case "number":
    case "whole":
    case "wholes":
    case "duration":
      return nothing;
    default:
      return kind satisfies never;
  }
}
