/** What help says of exit codes, warnings and gates is what the code does; and every example can be typed. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { gatesOf } from "../../src/cli/gates.ts";
import { intentOf } from "../../src/cli/intent.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { topics } from "../../src/cli/topics.ts";
import { parseGate } from "../../src/compare/gate.ts";
import { exitCodes, MeshLoadError } from "../../src/errors.ts";
import { createWarning, warningHints } from "../../src/result/warnings.ts";
import type { WarningCode } from "../../src/result/warnings.ts";
import { thrown } from "../thrown.ts";

async function help(...words: string[]): Promise<string> {
  const parsed = await parseCommandLine(["help", ...words], commands, 80);
  return parsed.kind === "help" ? parsed.text : parsed.kind;
}

/** The rows of a topic: a name two columns in, and what stands behind it, on one line again. */
function rows(text: string): Map<string, string> {
  const joined = text.replaceAll(/\n {4,}/g, " ");
  return new Map([...joined.matchAll(/^ {2}(\S+) +(.+)$/gm)].map(([, name, said]) => [name!, said!]));
}

test("exit-codes has every code once, with the errors that end with it", async () => {
  const found = rows(await help("exit-codes"));
  expect([...found.keys()].map(Number)).toEqual(Object.values(exitCodes));
  const { exitCode, code } = new MeshLoadError("GATE_INVALID", "no");
  expect(found.get(String(exitCode))).toContain(code);
  expect(found.get("4")).toContain("(THREAD_DIED)");
});

test("the README lists the exit codes in the same words", async () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const table = [...readme.matchAll(/^\| (\d[\d, ]*?) +\| (.+?) +\|$/gm)].flatMap(([, codes, said]) =>
    codes!.split(", ").map((code) => [code, said!.replaceAll(String.raw`\|`, "|")] as const),
  );
  const told = rows(await help("exit-codes"));
  expect(table.map(([code]) => code).toSorted()).toEqual([...told.keys()].toSorted());
  for (const [code, said] of table) expect(told.get(code)?.replace(/ \((?:SIG)[A-Z]+\)/, "")).toContain(said);
});

test("warnings has every warning with its hint", async () => {
  const found = rows(await help("warnings"));
  expect([...found.keys()]).toEqual(Object.keys(warningHints));
  for (const [code, hint] of found) expect(hint).toBe(createWarning(code as WarningCode, "seen").hint);
});

test("every gate that the topic shows is one", async () => {
  const text = (await help("gates")).replaceAll(/\s+/g, " ");
  const shown = [...text.matchAll(/[\w.]+(?:<=|>=|==)[+-]?\d[\d.]*(?:ms|%)?/g)].map(([gate]) => gate);
  expect(new Set(shown.map((gate) => parseGate(gate).metric.name))).toEqual(
    new Set([
      "p50",
      "p90",
      "p99",
      "p99.9",
      "balancedP99",
      "mean",
      "qps",
      "failures",
      "cpu",
      "skew",
      "requestSkew",
      "skewShare",
      "max",
    ]),
  );
  expect(shown.length).toBeGreaterThanOrEqual(24);
});

test.each(topics.map(({ name }) => name))("the lines of %s fit", async (name) => {
  expect((await help(name)).split("\n").filter((line) => line.length > 80)).toEqual([]);
  expect(await help()).toContain(`mesh-load help ${name} `);
});

test("of a command, help tells its flags", async () => {
  for (const { name } of commands)
    expect(await parseCommandLine([name, "-help"], commands, 80)).toEqual({
      kind: "help",
      text: await help(name),
    });
});

test.each([
  [["gatse"], 'FLAG_INVALID (2): there is no help on "gatse" | Did you mean mesh-load help gates?'],
  [
    ["exitcodes"],
    'FLAG_INVALID (2): there is no help on "exitcodes" | Did you mean mesh-load help exit-codes?',
  ],
  [
    ["quixotically"],
    'FLAG_INVALID (2): there is no help on "quixotically" | There is on run, compare, check, report, inspect, lab, completion, exit-codes, warnings, gates.',
  ],
  [["run", "now"], 'FLAG_INVALID (2): help has no use for "now" | It takes a command or a topic.'],
])("no help on %j", async (words, expected) => {
  expect(await thrown(() => help(...words))).toBe(expected);
});

test("every command has examples", () => {
  expect(commands.filter(({ examples }) => examples.length === 0)).toEqual([]);
});

test.each(commands.flatMap(({ name, examples }) => examples.map(([line]) => [line, name] as const)))(
  "%s is taken",
  async (line, owner) => {
    const [typed, ...others] = line.replace(/ >>? .*$/, "").split(" | ");
    const names: string[] = [];
    for (const one of [typed!, ...others]) {
      const [program, ...args] = [...one.matchAll(/'[^']*'|"[^"]*"|\S+/g)].map(([word]) =>
        word.replaceAll(/^['"]|['"]$/g, ""),
      );
      expect(program).toBe("mesh-load");
      const parsed = await parseCommandLine(args, commands, 80);
      if (parsed.kind !== "command") throw new Error(parsed.kind);
      names.push(parsed.command.name);
      await gatesOf(parsed.values);
      if (parsed.command.name === "run") intentOf(parsed.values, parsed.positionals, null);
    }
    expect(names).toContain(owner);
  },
);
