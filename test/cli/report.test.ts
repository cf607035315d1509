/** `report`: what it reads, where it writes, and how it ends where it cannot. */

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resultText } from "../../src/result/text.ts";
import { exampleSet, urlSet } from "../result/example-set.ts";
import { thrown } from "../thrown.ts";
import { execute } from "./execute.ts";
import { start, temporaryDirectory } from "./mesh-load.ts";

const directory = temporaryDirectory();
const cwd = directory.path;
const path = (...names: string[]): string => join(cwd, ...names);
const example = resultText(exampleSet());
afterAll(() => directory[Symbol.dispose]());

const report = (...args: string[]): ReturnType<typeof execute> => execute("report", ...args);

/** The error that it ends with, the directory left out. */
async function refusal(...args: string[]): Promise<string> {
  return (await thrown(() => report(...args))).replaceAll(cwd, "DIR");
}

beforeAll(() => {
  writeFileSync(path("lab.json"), example);
  writeFileSync(path("url.json.gz"), gzipSync(resultText(urlSet())));
  mkdirSync(path("sets"));
  writeFileSync(path("sets", "1.json"), resultText(urlSet()));
  writeFileSync(path("sets", "2.json.gz"), gzipSync(example));
  writeFileSync(path("sets", "notes.txt"), "no result");
  mkdirSync(path("none"));
});

const runsOf = (csv: string): string[] => csv.split("\r\n").filter((line) => line.includes(",all,"));

test("a compressed result is read like any other, and a directory is the results in it", async () => {
  const packed = await report(path("url.json.gz"), "-format", "csv");
  expect(packed.code).toBe(0);
  expect(runsOf(packed.stdout)).toHaveLength(1);
  const all = await report(path("sets"), path("url.json.gz"), "-format", "csv");
  expect(runsOf(all.stdout)).toHaveLength(1 + 9 + 1);
});

test("a name that ends in .gz is written compressed, and is the same set", async () => {
  await report(path("lab.json"), "-format", "json", "-o", path("out.json.gz"));
  expect(readFileSync(path("out.json.gz")).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  expect((await report(path("out.json.gz"), "-format", "json")).stdout).toBe(example);
});

test("a format of many documents needs a directory, and writes each of them there", async () => {
  expect(await refusal(path("lab.json"), "-format", "fortio")).toBe(
    "FLAG_INVALID (2): -format fortio makes 9 documents of these results, which one file cannot hold | " +
      "Give a directory: -o fortio/",
  );
  // The same set twice has the same names twice.
  await report(path("lab.json"), path("lab.json"), "-format", "hgrm", "-o", path("hgrm/"));
  expect(readdirSync(path("hgrm")).sort()).toEqual(
    ["default", "default_2", "exact_balance", "exact_balance_2", "reuse_port", "reuse_port_2"].map(
      (mode) => `2025-01-02-030405_example_set_${mode}.hgrm`,
    ),
  );
});

const packedExample = gzipSync(example);
const cutAt = example.slice(0, 60_000).split("\n");

test.each<[name: string, content: string | Buffer | null, message: string]>([
  ["missing.json", null, "no such file or directory"],
  ["empty.json", "", "the file is empty"],
  [
    "cut.json",
    example.slice(0, 60_000),
    `the file is cut short: line ${cutAt.length}, column ${cutAt.at(-1)!.length + 1} (60000 characters in all)`,
  ],
  ["cut.json.gz", packedExample.subarray(0, 9000), "the file is cut short"],
  ["damaged.json.gz", Buffer.from(packedExample).fill(0xff, 2000, 3000), "damaged gzip: "],
  [
    "newer.json",
    resultText({ ...urlSet(), schemaVersion: 2 as 1 }),
    "its schemaVersion 2 is newer than 1, the newest this mesh-load reads",
  ],
  ["foreign.json", '{"name": "mesh-load", "version": "0.1.0"}', "it is not a result of mesh-load or Fortio"],
  ["binary.json", Buffer.from([0, 1, 2, 3, 0xff, 0xfe]), "it is not JSON"],
])("%s is refused, and stays as it was", async (name, content, message) => {
  if (content !== null) writeFileSync(path(name), content);
  // The readable one is not shown either: half an answer looks like a whole one.
  const said = await refusal(path("lab.json"), path(name), "-format", "csv", "-o", path("never.csv"));
  expect(said).toContain(`RESULT_UNREADABLE (3): Cannot read DIR/${name}: ${message}`);
  if (content !== null) expect(readFileSync(path(name))).toEqual(Buffer.from(content));
  expect(existsSync(path("never.csv"))).toBe(false);
});

test("a directory without results is refused", async () => {
  expect(await refusal(path("none"))).toMatch(/^RESULT_UNREADABLE \(3\): DIR\/none holds no result file \| /);
});

test("a result that is read is never written over, by whatever name", async () => {
  symlinkSync("lab.json", path("link.json"));
  for (const [input, output] of [
    ["lab.json", "lab.json"],
    ["lab.json", "link.json"],
    ["sets", "sets/1.json"],
  ] as const)
    expect(await refusal(path(input), "-format", "csv", "-o", path(output))).toBe(
      `FLAG_INVALID (2): -o DIR/${output} is one of the files that are read | Write to another file.`,
    );
  expect(readFileSync(path("lab.json"), "utf8")).toBe(example);
});

test("- is stdin", async () => {
  const stdin = openSync(path("url.json.gz"), "r");
  const { code, stdout } = await start(["report", "-", "-format", "csv"], { cwd, stdin }).ended;
  closeSync(stdin);
  expect(code).toBe(0);
  expect(runsOf(stdout)).toHaveLength(1);
});

test("a full disk is exit code 3 on stdout", async () => {
  const full = openSync("/dev/full", "w");
  const { code, stderr } = await start(["report", "lab.json"], { cwd, stdout: full }).ended;
  closeSync(full);
  expect(code).toBe(3);
  expect(stderr).toMatch(/^mesh-load: stdout cannot be written: ENOSPC/);
});

test("a full disk is exit code 3 for a file", async () => {
  expect(await refusal(path("lab.json"), "-o", "/dev/full")).toBe(
    "OUTPUT_UNWRITABLE (3): Cannot write /dev/full: no space left on device | Free some space, or write to another place.",
  );
});

test("a reader that goes away ends it quietly, as SIGPIPE would", async () => {
  using started = start(["report", "lab.json", "-format", "csv-connections"], { cwd });
  started.process.stdout!.destroy();
  expect(await started.ended).toMatchObject({ code: 141, stderr: "" });
});
