/** `compare` and `check` as a script meets them: exit codes, refusals, inputs that are no results. */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resultText } from "../../src/result/text.ts";
import { base, comparedSet, oneMode, sides } from "../compare/compared-set.ts";
import { exampleSet } from "../result/example-set.ts";
import { thrown } from "../thrown.ts";
import { execute as runCommandLine } from "./execute.ts";
import { temporaryDirectory } from "./mesh-load.ts";

const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());
const at = (name: string): string => join(directory.path, name);
const slower = base.map((us) => us * 1.3);
const noisy = base.map((us, i) => us * (i % 2 === 0 ? 0.7 : 1.5));

beforeAll(() => {
  const files: Record<string, string> = {
    "base.json": resultText(oneMode(base, { labels: "main" })),
    "same.json": resultText(oneMode(base, { labels: "head" })),
    "slower.json": resultText(oneMode(slower, { labels: "head" })),
    "noisy.json": resultText(oneMode(noisy, { labels: "head" })),
    "sides.json": resultText(sides(1.3)),
    "modes.json": resultText(exampleSet()),
    "other-mode.json": resultText(oneMode(base, { mode: "default" })),
    "failed.json": resultText(oneMode(base, { state: "failed" })),
    "none.json": resultText(comparedSet([])),
    "cut.json": resultText(oneMode(base)).slice(0, 5000),
    "damaged.json": resultText(oneMode(base)).replace('"runs":', '"runs";'),
    "empty.json": "",
    "newer.json": resultText(oneMode(base)).replace(/"schemaVersion": \d+/, '"schemaVersion": 99'),
    "foreign.json": '{"ActualQPS": 7.99}',
    "gates.txt": "# what a pull request may cost\np99<=+5%\nfailures==0\n",
    "wrong-gates.txt": "p99<=+5%\np99<=5\n",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
  mkdirSync(at("history"));
  const history = (day: number, labels: string, p99s: number[]): void =>
    writeFileSync(
      at(`history/${day}.json`),
      resultText(oneMode(p99s, { labels, seed: day, startedAt: `2026-01-0${day}T00:00:00.000Z` })),
    );
  history(1, "main", slower);
  history(2, "main", base);
  history(3, "head", slower);
});

/** The command in this process; files are named as the test knows them. */
function execute(...args: string[]): ReturnType<typeof runCommandLine> {
  return runCommandLine(...args.map((arg) => (/\.(json|txt)$|^history$/.test(arg) ? at(arg) : arg)));
}

const codeOf = async (...args: string[]): Promise<number> => (await execute(...args)).code;

test.each([
  [0, "nothing changed", ["compare", "base.json", "same.json"]],
  [1, "a regression", ["compare", "base.json", "slower.json"]],
  [0, "the same, allowed", ["compare", "base.json", "slower.json", "-gate", "p99<=+50%"]],
  [5, "cannot be told", ["compare", "base.json", "noisy.json"]],
  [0, "the same, allowed", ["compare", "base.json", "noisy.json", "-allow-inconclusive"]],
  [
    1,
    "a failed gate beside one that cannot be told",
    ["compare", "base.json", "noisy.json", "-gate", "p99<=+5%", "-gate", "p99<=5ms", "-allow-inconclusive"],
  ],
  [1, "sides of one set", ["compare", "sides.json"]],
  [0, "modes, which are a question and no gate", ["compare", "modes.json", "-by", "mode"]],
  [1, "gates from a file", ["compare", "base.json", "slower.json", "-gates", "gates.txt"]],
  [
    1,
    "the newest of a label, from a directory",
    ["compare", "history", "slower.json", "-baseline-label", "main"],
  ],
  [
    1,
    "both from one directory",
    ["compare", "history", "-baseline-label", "main", "-candidate-label", "head"],
  ],
  [
    1,
    "more than one baseline",
    ["compare", "-baseline", "base.json", "-baseline", "same.json", "slower.json"],
  ],
  [0, "all of a directory", ["compare", "history", "same.json", "-allow-inconclusive"]],
  [0, "a check that holds", ["check", "base.json", "-gate", "p99<=11ms", "-gate", "failures==0"]],
  [1, "a check that does not", ["check", "base.json", "-gate", "p99<=9ms"]],
  [5, "a check of what is not known", ["check", "base.json", "-gate", "p99.99<=90ms"]],
])("exit code %d: %s", async (code, _what, args) => {
  expect(await codeOf(...args)).toBe(code);
});

test("a plan of repetitions, and an effect that is none", async () => {
  const { code, stdout } = await execute("compare", "-plan", "base.json", "-effect", "+20%");
  expect(code).toBe(0);
  expect(stdout).toContain("To find p99 +20.0 % in exact_balance with a probability of 80 %");
  const json = await execute("compare", "-plan", "base.json", "-format", "json");
  expect(JSON.parse(json.stdout)).toMatchObject({ of: "plan", wishes: [{ effect: 0.1, tolerance: 0.05 }] });
  expect(await thrown(() => execute("compare", "-plan", "base.json", "-effect", "fast"))).toBe(
    'FLAG_INVALID (2): -effect "fast" is no worsening | Write -effect +10%.',
  );
  expect(await thrown(() => execute("compare", "base.json", "same.json", "-effect", "5%"))).toBe(
    "FLAG_INVALID (2): -effect is for -plan | Add -plan.",
  );
});

test("JSON, to stdout and to a file", async () => {
  const { stdout } = await execute("compare", "base.json", "slower.json", "-format", "json");
  expect(JSON.parse(stdout)).toMatchObject({ outcome: "failed", candidate: { name: "head", runs: 7 } });
  const out = await execute("compare", "base.json", "slower.json", "-format", "json", "-o", "out.json");
  expect(out).toEqual({ code: 1, stdout: "" });
  expect(readFileSync(at("out.json"), "utf8")).toBe(stdout);
});

const cannotRead = (name: string, why: string): string =>
  `RESULT_UNREADABLE (3): Cannot read ${at(name)}: ${why}`;

describe("bad input", () => {
  test.each([
    ["missing.json", "no such file or directory"],
    ["empty.json", "the file is empty"],
    ["cut.json", "the file is cut short: line"],
    ["damaged.json", "damaged JSON: line"],
    ["newer.json", "its schemaVersion 99 is newer than"],
    ["foreign.json", "it is not a result of mesh-load or Fortio"],
  ])("%s", async (name, why) => {
    const before = readdirSync(directory.path).map((file) => [file, sizeOf(at(file))]);
    expect(await thrown(() => execute("compare", "base.json", name))).toContain(cannotRead(name, why));
    expect(await thrown(() => execute("check", name, "-gate", "p99<=1s"))).toContain(cannotRead(name, why));
    expect(readdirSync(directory.path).map((file) => [file, sizeOf(at(file))])).toEqual(before);
  });

  test.each([
    [["base.json", "other-mode.json"], "NOT_COMPARABLE (2): Cannot compare: the two have no mode in common"],
    [["base.json", "failed.json"], "NOTHING_TO_COMPARE (3): The candidate has no completed run"],
    [["none.json", "base.json"], "NOTHING_TO_COMPARE (3): The baseline has no completed run"],
    [["none.json", "-by", "mode"], "NOT_COMPARABLE (2): Cannot compare: -by mode needs two modes"],
    [["base.json"], "NOT_COMPARABLE (2): Cannot compare: a single result set without sides"],
    [
      ["base.json", "same.json", "noisy.json"],
      "FLAG_INVALID (2): compare takes two results, and there are 3",
    ],
    [
      ["base.json", "same.json", "-gate", "p99<=5"],
      "GATE_INVALID (2): -gate: the unit is missing, at column 7",
    ],
    [
      ["base.json", "same.json", "-gates", "wrong-gates.txt"],
      "wrong-gates.txt:2: the unit is missing, at column 7",
    ],
    [["base.json", "same.json", "-gate", "p98.5tail<=5ms"], 'no metric is called "p98.5tail"'],
    [["base.json", "same.json", "-alpha", "5"], "FLAG_INVALID (2): -alpha 5 is no level of a test"],
    [
      ["history", "base.json", "-baseline-label", "mian"],
      'RESULT_UNREADABLE (3): {at} has no result set labelled "mian" | Did you mean "main"?',
    ],
    [
      ["history", "-baseline-label", "main"],
      "FLAG_INVALID (2): -baseline-label chooses the baseline, and there is no candidate",
    ],
    [
      ["base.json", "same.json", "-baseline-mode", "default"],
      "FLAG_INVALID (2): -baseline-mode is for -by mode",
    ],
  ])("compare %j", async (args, message) => {
    expect(await thrown(() => execute("compare", ...args))).toContain(message.replace("{at}", at("history")));
  });

  test("check without a gate, and with one that needs a baseline", async () => {
    expect(await thrown(() => execute("check", "base.json"))).toContain(
      "FLAG_INVALID (2): check needs a gate",
    );
    expect(await thrown(() => execute("check", "base.json", "-gate", "p99<=+5%"))).toContain(
      "GATE_INVALID (2): -gate p99<=+5% needs a baseline",
    );
  });
});

const sizeOf = (path: string): number => {
  try {
    return readFileSync(path).length;
  } catch {
    return -1;
  }
};

describe("as a process", () => {
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

  test("a reader that goes away ends it quietly, with the code that it has found", () => {
    const command = `"${process.execPath}" "${main}" compare base.json slower.json -format json; echo "code $?" >&2`;
    const { stderr, stdout } = spawnSync("sh", ["-c", `(${command}) | head -c 1`], {
      cwd: directory.path,
      encoding: "utf8",
    });
    expect([stdout, stderr]).toEqual(["{", "code 1\n"]);
  });

  test("a full disk is said to be one", () => {
    const full = spawnSync(process.execPath, [main, "compare", "base.json", "same.json"], {
      cwd: directory.path,
      encoding: "utf8",
      stdio: ["ignore", openSync("/dev/full", "w"), "pipe"],
    });
    expect([full.status, full.stderr]).toEqual([
      3,
      expect.stringContaining("stdout cannot be written") as string,
    ]);
  });

  test("help has examples", () => {
    const help = execFileSync(process.execPath, [main, "compare", "-help"], { encoding: "utf8" });
    expect(help).toMatch(/mesh-load compare main\.json head\.json\s+p99 at most/);
    expect(help).toMatch(/-allow-inconclusive\s/);
  });
});

test.each([
  ["compare", "base.json", "slower.json", "-o", "slower.json"],
  ["compare", "base.json", "-baseline", "same.json", "-o", "same.json"],
  ["compare", "history", "base.json", "-baseline-label", "main", "-o", "history/2.json"],
  ["compare", "base.json", "slower.json", "-gates", "gates.txt", "-o", "gates.txt"],
  ["compare", "-plan", "base.json", "-effect", "+5%", "-o", "base.json"],
  ["check", "base.json", "-gate", "p99<=20ms", "-o", "base.json"],
])("%s %s … never writes over what it reads: %s %s %s %s", async (...args) => {
  const file = at(args.at(-1)!);
  const before = readFileSync(file, "utf8");
  expect(await thrown(async () => execute(...args))).toMatch(/is one of the files that are read/);
  expect(readFileSync(file, "utf8")).toBe(before);
});
