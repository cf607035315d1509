#!/usr/bin/env node
/** The command line's only way in and out: parse, dispatch, and turn whatever happens into text and an exit code. */

import { readFileSync } from "node:fs";
import { exitCodes, MeshLoadError } from "../errors.ts";
import { commands } from "./commands.ts";
import { createInterruption } from "./interruption.ts";
import { parseCommandLine } from "./parse.ts";
import { processTerminal } from "./terminal.ts";

const terminal = processTerminal();
const interruption = createInterruption(terminal.note, (code) => process.exit(code));

process.on("uncaughtException", (error) => process.exit(explain(error)));

process.exit(await main(process.argv.slice(2)).catch(explain));

async function main(args: readonly string[]): Promise<number> {
  const parsed = await parseCommandLine(args, commands, terminal.columns);
  switch (parsed.kind) {
    case "help":
      await terminal.print(parsed.text);
      return args.length === 0 ? exitCodes.usage : exitCodes.done;
    case "version":
      await terminal.print(`mesh-load ${packageVersion()}\n`);
      return exitCodes.done;
    case "command": {
      const { command, values, positionals } = parsed;
      const version = packageVersion();
      const code = await command.execute({
        values,
        positionals,
        commands,
        terminal,
        version,
        interruptible: interruption.listen,
      });
      return code === exitCodes.interrupted ? (interruption.exitCode() ?? code) : code;
    }
    default:
      return parsed satisfies never;
  }
}

/** Says on stderr what stopped us, and gives the exit code for it. */
function explain(error: unknown): number {
  if (error instanceof MeshLoadError) {
    terminal.note(`mesh-load: ${error.message}`);
    if (error.hint !== undefined) terminal.note(error.hint);
    return error.exitCode;
  }
  const asked = interruption.exitCode();
  if (asked !== null && error instanceof Error && error.name === "AbortError") return asked;
  terminal.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  terminal.note("mesh-load: this is a bug in mesh-load; please report it with the lines above.");
  return exitCodes.bug;
}

function packageVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
