/** Command line → command, flags and positionals, or the help to print. The only importer of yargs. */

import yargs from "yargs";
import type { Argv } from "yargs";
import { didYouMean } from "../nearest.ts";
import { normaliseBooleans } from "./booleans.ts";
import type { Command } from "./command.ts";
import { fortioReason } from "./fortio-flags.ts";
import { topics } from "./topics.ts";
import { checkValues, invalid } from "./values.ts";
import type { FlagValues } from "./values.ts";

export type Parsed =
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" }
  | {
      readonly kind: "command";
      readonly command: Command;
      readonly values: FlagValues;
      readonly positionals: string[];
    };

/** Columns of help: longer lines read badly. */
const widest = 100;

const helpWords = new Set(["help", "-h", "--h", "-help", "--help"]);

/** @throws MeshLoadError FLAG_INVALID */
export async function parseCommandLine(
  args: readonly string[],
  commands: readonly Command[],
  columns: number,
): Promise<Parsed> {
  const [name, ...rest] = args;
  if (name === undefined || helpWords.has(name))
    return { kind: "help", text: await helpOn(rest, commands, columns) };
  if (name === "version" || name === "-version" || name === "--version") return { kind: "version" };
  const command = commands.find((command) => command.name === name);
  if (command === undefined) throw unknownCommand(name, commands);
  if (rest.some((arg) => arg !== "help" && helpWords.has(arg)))
    return { kind: "help", text: await help(command, columns) };
  return { kind: "command", command, ...parseArguments(command, rest, commands) };
}

function parseArguments(command: Command, args: readonly string[], commands: readonly Command[]) {
  const parser = withFlags(bareParser(), command).fail((message, error) => {
    const name = /^Not enough arguments following: (.+)$/.exec(message ?? "")?.[1];
    throw name === undefined
      ? (error ?? invalid(message, ""))
      : invalid(`-${name} lacks its value`, seeHelp(command));
  });
  const parsed = parser.parseSync(normaliseBooleans(args, command.flags));
  const { _: words, $0: _script, ...values } = parsed;
  for (const name of Object.keys(values)) {
    if (command.flags.some((flag) => flag.name === name)) continue;
    throw unknownFlag(name, command, commands);
  }
  for (const { name, repeatable } of command.flags)
    if (Array.isArray(values[name]) && repeatable !== true)
      throw invalid(`-${name} is given ${values[name].length} times`, "Keep one of them.");
  checkValues(values as FlagValues, command.flags);
  const positionals = words.map(String);
  checkArity(command, positionals);
  return { values: values as FlagValues, positionals };
}

function bareParser(): Argv {
  return yargs([])
    .scriptName("mesh-load")
    .locale("en")
    .exitProcess(false)
    .help(false)
    .version(false)
    .parserConfiguration({
      "short-option-groups": false,
      "camel-case-expansion": false,
      "boolean-negation": false,
      "dot-notation": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
    });
}

function withFlags(parser: Argv, { flags }: Command): Argv {
  for (const { name, kind } of flags)
    parser.option(name, kind === "boolean" ? { type: "boolean" } : { type: "string", requiresArg: true });
  return parser;
}

// Without types, which yargs would print beside each flag.
function withDescriptions(parser: Argv, { flags }: Command): Argv {
  for (const { name, describe, group, default: fallback, choices } of flags) {
    const values = choices === undefined ? "" : `: ${choices.join(" | ")}`;
    const otherwise = fallback === undefined ? "" : ` (default: ${fallback})`;
    parser.option(name, { group, describe: `${describe}${values}${otherwise}` });
  }
  return parser;
}

/** `help`, `help COMMAND` and `help TOPIC`. */
async function helpOn(
  words: readonly string[],
  commands: readonly Command[],
  columns: number,
): Promise<string> {
  const [word, more] = words;
  if (word === undefined) return overview(commands, columns);
  if (more !== undefined) throw invalid(`help has no use for "${more}"`, "It takes a command or a topic.");
  const command = commands.find(({ name }) => name === word);
  if (command !== undefined) return help(command, columns);
  const topic = topics.find(({ name }) => name === word);
  if (topic !== undefined) return topic.render(Math.min(columns, widest));
  const names = [...commands, ...topics].map(({ name }) => name);
  throw invalid(
    `there is no help on "${word}"`,
    didYouMean(word, names, (name) => `mesh-load help ${name}`) || `There is on ${names.join(", ")}.`,
  );
}

function help(command: Command, columns: number): Promise<string> {
  const { name, positionals, summary, examples } = command;
  const parser = withDescriptions(bareParser(), command).usage(
    `${["mesh-load", name, positionals, "[flags]"].filter(Boolean).join(" ")}\n\n${summary}`,
  );
  const epilogue = "mesh-load help lists commands and topics. Both -flag and --flag work.";
  return render(withExamples(parser, examples).epilogue(epilogue), columns);
}

function overview(commands: readonly Command[], columns: number): Promise<string> {
  const parser = bareParser().usage(
    "mesh-load COMMAND [flags]\n\nLoad-tests Envoy at a fixed rate, and tells how much of the tail latency is the skew of connections over its workers.",
  );
  for (const { name, positionals, summary } of commands) parser.command(`${name} ${positionals}`, summary);
  return render(
    withExamples(
      parser,
      commands.flatMap(({ examples }) => examples.slice(0, 1)),
    ).epilogue(
      `Topics:\n${topicLines()}\n\n` +
        "mesh-load COMMAND -help lists a command's flags. Both -flag and --flag work.",
    ),
    columns,
  );
}

function topicLines(): string {
  const lines = topics.map(({ name, summary }) => `  mesh-load help ${name.padEnd(12)}${summary}`);
  return lines.join("\n");
}

function withExamples(parser: Argv, examples: Command["examples"]): Argv {
  for (const [line, what] of examples) parser.example(line, what);
  return parser;
}

// yargs writes long flags with two dashes, and further in where there are short ones. Ours are Fortio's: one dash, one
// column, and the descriptions stay where they were.
async function render(parser: Argv, columns: number): Promise<string> {
  const text = await parser.wrap(Math.min(columns, widest)).getHelp();
  const oneDash = text.replaceAll(
    /^( +)--([a-z][\w.-]*)/gm,
    (_, indent: string, name: string) => `  -${name}${" ".repeat(indent.length - 1)}`,
  );
  return `${oneDash.replaceAll(/ +$/gm, "")}\n`;
}

function checkArity({ name, arity: [least, most], positionals }: Command, given: readonly string[]): void {
  if (given.length < least) throw invalid(`${name} needs ${positionals}`, `See mesh-load ${name} -help.`);
  if (given.length > most)
    throw invalid(`${name} has no use for "${given[most]}"`, `It takes ${positionals || "no arguments"}.`);
}

function unknownCommand(name: string, commands: readonly Command[]) {
  const names = commands.map(({ name }) => name);
  if (name.startsWith("-"))
    return invalid(`${name} comes before the command`, `Write mesh-load run ${name} …`);
  if (name.includes("://")) return invalid("the command is missing", `Write mesh-load run ${name}`);
  // Fortio's word for it.
  if (name === "load") return invalid('unknown command "load"', "Write mesh-load run.");
  return invalid(`unknown command "${name}"`, didYouMean(name, names) || `There are ${names.join(", ")}.`);
}

function unknownFlag(name: string, command: Command, commands: readonly Command[]) {
  const names = command.flags.map((flag) => flag.name);
  const [message, hint] = fortioReason(name) ?? [];
  if (message !== undefined && hint !== undefined) return invalid(message, hint);
  const owner = commands.find(({ flags }) => flags.some((flag) => flag.name === name));
  if (owner !== undefined)
    return invalid(`${command.name} has no flag -${name}`, `It is a flag of mesh-load ${owner.name}.`);
  return invalid(`unknown flag -${name}`, didYouMean(name, names, (flag) => `-${flag}`) || seeHelp(command));
}

function seeHelp({ name }: Command): string {
  return `See mesh-load ${name} -help.`;
}
