/** The import table and the size limits of docs/ARCHITECTURE.md, held. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const source = join(root, "src");

/** Who may import whom, beside the leaves and its own folder. Files at the root of `src` count by their name. */
const table: Readonly<Record<string, readonly string[]>> = {
  plan: ["schema"],
  result: ["plan", "schema"],
  driver: ["plan", "result"],
  scraper: ["plan", "result"],
  mapping: ["plan", "result", "scraper"],
  lab: ["plan", "result"],
  attribution: ["plan", "result"],
  compare: ["plan", "result", "attribution"],
  output: ["plan", "result", "attribution", "compare"],
  inspect: ["plan", "result", "scraper"],
  environment: ["result"],
  hops: ["plan", "scraper", "mapping", "result"],
  run: ["plan", "driver", "scraper", "mapping", "hops", "result"],
  "run-with-progress": ["plan", "run", "result", "progress-event"],
  places: ["plan", "compare", "result"],
  experiment: [
    "plan",
    "lab",
    "run",
    "run-with-progress",
    "places",
    "attribution",
    "compare",
    "result",
    "environment",
    "progress-event",
  ],
  index: [
    "plan",
    "result",
    "run",
    "experiment",
    "attribution",
    "compare",
    "output",
    "lab",
    "inspect",
    "progress-event",
  ],
  cli: ["plan", "result", "compare", "experiment", "lab", "inspect", "output", "progress-event", "nearest"],
  schema: [],
  "progress-event": [],
};
const leaves = new Set(["errors", "units", "clock", "random", "histogram", "nearest", "order-statistics"]);

/** Packages, and the one file that may import each; undici has two. */
const vendors: Readonly<Record<string, readonly string[]>> = {
  "hdr-histogram-js": ["histogram.ts"],
  ajv: ["schema.ts"],
  yaml: ["plan/profile.ts"],
  yargs: ["cli/parse.ts"],
  "cli-table3": ["output/grid.ts"],
  undici: ["scraper/admin.ts", "driver/standard/http-client.ts"],
};

interface Import {
  readonly from: string;
  readonly specifier: string;
}

const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".ts"),
);
const read = (file: string): string => readFileSync(join(source, file), "utf8");
const imports: Import[] = files.flatMap((from) =>
  [...read(from).matchAll(/^(?:import|export)\b[^;]*?\bfrom "([^"]+)";/gm)].map(([, specifier]) => ({
    from,
    specifier: specifier!,
  })),
);
/** `plan/mode.ts` → `plan`, `run.ts` → `run`. */
const part = (file: string): string => file.split("/")[0]!.replace(/\.ts$/, "");

test("imports flow one way", () => {
  const wrong = imports
    .filter(({ specifier }) => specifier.startsWith("."))
    .map(({ from, specifier }) => ({ from, to: relative(source, resolve(source, dirname(from), specifier)) }))
    .filter(({ from, to }) => part(from) !== part(to) && !leaves.has(part(to)))
    .filter(({ from, to }) => !table[part(from)]?.includes(part(to)));
  expect(wrong).toEqual([]);
});

test("leaves import only leaves", () => {
  const wrong = imports
    .filter(({ from, specifier }) => leaves.has(part(from)) && specifier.startsWith("."))
    .filter(({ specifier }) => !leaves.has(part(specifier.slice(2))));
  expect(wrong).toEqual([]);
});

test("each package has its one importer", () => {
  const wrong = imports
    .filter(({ specifier }) => !specifier.startsWith(".") && !specifier.startsWith("node:"))
    .filter(({ from, specifier }) => !vendors[packageOf(specifier)]?.includes(from));
  expect(wrong).toEqual([]);
});

test("only the command line prints, exits, and reads its environment and arguments", () => {
  const only = /\bconsole\.|\bprocess\.(exit|env|argv|stdout|stderr|stdin)\b/;
  const wrong = files.filter((file) => part(file) !== "cli" && only.test(withoutComments(read(file))));
  expect(wrong).toEqual([]);
});

test("only clock.ts reads a clock", () => {
  const wrong = files.filter(
    (file) =>
      file !== "clock.ts" &&
      /\bDate\.now|\bnew Date\(\)|\bperformance\.|\bhrtime\b/.test(withoutComments(read(file))),
  );
  expect(wrong).toEqual([]);
});

test("help, and errors of usage, wait for no histogram, attribution or load", () => {
  const loaded = new Set(["cli/main.ts"]);
  for (const from of loaded)
    for (const [, specifier] of read(from).matchAll(
      /^(?:import|export) (?!type\b)[^;]*?\bfrom "(\.[^"]+)";/gm,
    ))
      loaded.add(relative(source, resolve(source, dirname(from), specifier!)));
  const late = ["histogram.ts", "attribution/attribution.ts", "experiment.ts", "output/table.ts"];
  expect(late.filter((file) => loaded.has(file))).toEqual([]);
});

test("files are small: 300 lines at most, 100 in the median, tests 400 at most", () => {
  const sizes = files.map((file) => ({ file, lines: lines(read(file)) }));
  expect(sizes.filter((size) => size.lines > 300)).toEqual([]);
  expect(
    sizes.map((size) => size.lines).sort((a, b) => a - b)[Math.floor(sizes.length / 2)],
  ).toBeLessThanOrEqual(100);
  const tests = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const long = tests.filter((file) => lines(readFileSync(join(root, "test", file), "utf8")) > 400);
  expect(long).toEqual([]);
});

test("file names are nouns of their own, not drawers", () => {
  const drawers = /^(utils?|helpers?|common|managers?|base|impl|misc|types)\b/;
  expect(files.filter((file) => file.split("/").some((name) => drawers.test(name)))).toEqual([]);
});

const lines = (text: string): number => text.split("\n").length - 1;

function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}
