/** Each format, read by what people read it with: the figures that come out are those that went in. */

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compare } from "../../src/compare/compare.ts";
import { histogramOf } from "../../src/result/distribution.ts";
import { bench } from "../../src/output/bench.ts";
import { comparisonOutputs, outputs } from "../../src/output/outputs.ts";
import type { OutputFormat } from "../../src/output/outputs.ts";
import type { Distribution, ResultSet, Run } from "../../src/result/result.ts";
import { base, oneMode } from "../compare/compared-set.ts";
import { exampleSet, stagedSet, urlSet } from "../result/example-set.ts";
import { findProgram } from "./program.ts";
import { installPython } from "./python.ts";

const directory = mkdtempSync(join(tmpdir(), "mesh-load-formats-"));
afterAll(() => rmSync(directory, { recursive: true }));

const lab = exampleSet();
/** Names that would break a format that does not escape. */
const evil: ResultSet = {
  ...urlSet({ fails: true }),
  id: "evil",
  labels: 'a|b <b>&amp;</b> "q", \\ `c` *d* _e_ \u0007 é\nz',
};
const staged: ResultSet = { ...stagedSet(), id: "staged" };
const formats = [
  "csv",
  "csv-series",
  "csv-stages",
  "csv-connections",
  "markdown",
  "junit",
  "hgrm",
  "hdrlog",
  "openmetrics",
] as const;

async function write(format: OutputFormat, set: ResultSet, place = directory): Promise<void> {
  for (const { name, text } of await outputs[format]([set], { columns: 80, color: false }))
    writeFileSync(join(place, name), [...text].join(""));
}

const comparison = compare({
  baseline: [oneMode(base, { labels: "main" })],
  candidate: [
    oneMode(
      base.map((us) => us * 1.3),
      { labels: 'head <&> "|"' },
    ),
  ],
});

let read: Record<string, unknown>;
beforeAll(async () => {
  for (const [extension, render] of [
    ["csv", comparisonOutputs.csv],
    ["md", comparisonOutputs.markdown],
    ["xml", comparisonOutputs.junit],
  ] as const)
    writeFileSync(join(directory, `comparison.${extension}`), render(comparison));
  for (const format of formats) for (const set of [lab, evil, staged]) await write(format, set);
  const python = await installPython();
  const script = fileURLToPath(new URL("read_formats.py", import.meta.url));
  read = JSON.parse(await python.run(script, directory, python.junitSchema)) as Record<string, unknown>;
});

interface Csv {
  readonly columns: string[];
  readonly rows: number;
  readonly widths: number[];
  readonly pandasShape: number[];
  readonly numeric: string[];
  readonly first: Record<string, string>;
  readonly requests: number;
}

test.each([
  ["csv", 9 * 3],
  ["series.csv", 9 * 2 * 3],
  ["connections.csv", 9 * 128],
])("Python's csv and pandas read .%s: every row, no row wider than the head, every request", (name, rows) => {
  const { columns, widths, pandasShape, numeric, requests, ...csv } = read[`${lab.id}.${name}`] as Csv;
  expect(csv.rows).toBe(rows);
  expect(widths).toEqual([columns.length]);
  expect(pandasShape).toEqual([rows, columns.length]);
  expect(columns.filter((column) => column.endsWith("_us") && !numeric.includes(column))).toEqual([]);
  expect(requests).toBe(lab.runs.reduce((sum, run) => sum + run.latency.count, 0));
});

test("the stages of a load are read too", () => {
  const { rows, widths, columns, pandasShape, requests } = read["staged.stages.csv"] as Csv;
  expect([rows, widths, pandasShape, requests]).toEqual([3, [columns.length], [3, columns.length], 1700]);
});

test("figures of a CSV are those of the result", () => {
  const { first } = read[`${lab.id}.csv`] as Csv;
  expect(Number(first["latency_p999_us"])).toBe(lab.runs[0]!.latency.percentilesUs["99.9"]);
});

interface Junit {
  readonly errors: string[];
  readonly tests: number;
  readonly failures: number;
  readonly cases: {
    classname: string;
    name: string;
    time: number;
    failures: string[];
    output: string | null;
  }[];
}

test("JUnit fits Jenkins' schema, and a parser finds the cases, their failures and their output", () => {
  const whole = read[`${lab.id}.xml`] as Junit;
  expect([whole.errors, whole.tests, whole.failures]).toEqual([[], 9, 0]);
  expect(whole.cases[0]).toMatchObject({
    classname: "mesh-load.default (shared socket)",
    name: "repetition 1",
    time: 2,
  });
  const failed = read["evil.xml"] as Junit;
  expect([failed.errors, failed.tests, failed.failures]).toEqual([[], 1, 1]);
  expect(failed.cases[0]!.failures).toEqual(["30 of 1000 requests failed"]);
  expect(failed.cases[0]!.output).toContain("workers-unseen: ");
});

const runsOf = (mode: Run["mode"]): Run[] => lab.runs.filter((run) => run.mode === mode);

test("an .hgrm is the distribution of a mode's requests, as another implementation counts and ranks them", () => {
  const rows = read[`${lab.id}_default.hgrm`] as {
    ms: number;
    share: number;
    count: number;
    counted: [number, number];
    valueMs: number;
  }[];
  // Another way to the same: the buckets of all runs, sorted.
  const buckets = runsOf("default")
    .flatMap((run) => Array.from(histogramOf(run.latency).buckets()))
    .sort((a, b) => a.upToUs - b.upToUs);
  expect(rows.length).toBeGreaterThan(50);
  for (const { ms, share, count, counted, valueMs } of rows) {
    const below = (us: number): number =>
      buckets.filter(({ upToUs }) => upToUs <= us).reduce((sum, { count: n }) => sum + n, 0);
    // Three decimals of a millisecond are a microsecond, and buckets there are narrower.
    expect(count).toBeGreaterThanOrEqual(below(ms * 1e3 - 0.6));
    expect(count).toBeLessThanOrEqual(below(ms * 1e3 + 0.6));
    expect(count).toBeGreaterThanOrEqual(Math.floor(share * 18_000));
    expect(count).toBeGreaterThanOrEqual(counted[0]);
    expect(count).toBeLessThanOrEqual(counted[1]);
    // The request of that rank.
    expect(Math.abs(valueMs - ms)).toBeLessThan(0.001);
  }
  expect(rows.at(-1)).toMatchObject({ share: 1, count: 18_000 });
});

function atRank(latency: Distribution, rank: number): number {
  let seen = 0;
  for (const { upToUs, count } of histogramOf(latency).buckets()) if ((seen += count) >= rank) return upToUs;
  return Infinity;
}

test("the HdrHistogram log is read by another implementation, to the same quantiles", () => {
  const found = read[`${lab.id}.hlog`] as {
    tag: string;
    count: number;
    p50Ns: number;
    p999Ns: number;
    startMs: number;
    endMs: number;
  }[];
  const expected = lab.runs.flatMap((run) => [
    { tag: run.mode!, ...run },
    ...run.workers.map((worker) => ({ tag: `${run.mode}/worker_${worker.id}`, ...worker })),
  ]);
  expect(found.map(({ tag, count }) => [tag, count])).toEqual(
    expected.map(({ tag, latency }) => [tag, latency.count]),
  );
  for (const [i, { count, p50Ns, p999Ns, startMs, endMs }] of found.entries()) {
    const { percentilesUs } = expected[i]!.latency;
    expect(p50Ns / 1e3).toBeCloseTo(percentilesUs["50"]!, 3);
    // It takes the nearest rank, where we take the next one up.
    expect(p999Ns / 1e3).toBeCloseTo(atRank(expected[i]!.latency, Math.floor(0.999 * count + 0.5)), 3);
    expect([startMs, endMs - startMs]).toEqual([Date.parse(lab.startedAt), 2000]);
  }
});

test("OpenMetrics is read by Prometheus' own parser", () => {
  const samples = read[`${lab.id}.prom`] as { name: string; labels: Record<string, string>; value: number }[];
  const find = (name: string, labels: Record<string, string>): number[] =>
    samples
      .filter(
        (one) =>
          one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value),
      )
      .map(({ value }) => value);
  for (const { order, latency, workers } of lab.runs) {
    const run = String(order);
    expect(find("mesh_load_latency_seconds", { run, quantile: "0.99" })).toEqual([
      latency.percentilesUs["99"]! / 1e6,
    ]);
    expect(find("mesh_load_latency_seconds_count", { run })).toEqual([latency.count]);
    expect(find("mesh_load_worker_connections", { run, worker: "1" })).toEqual([workers[1]!.connections]);
  }
  expect(find("mesh_load_responses_total", { status: "200" })).toEqual(Array.from({ length: 9 }, () => 6000));
  const info = (read["evil.prom"] as typeof samples).find(({ name }) => name === "mesh_load_result_set_info");
  expect(info!.labels["title"]).toBe(evil.labels);
});

interface Markdown {
  readonly heading: string[];
  readonly tables: string[][][];
  readonly items: string[];
  readonly tags: string[];
}

test("GitHub's renderer makes the tables, the sentences and nothing else of the Markdown", () => {
  const { tables, items } = read[`${lab.id}.md`] as Markdown;
  expect(tables.map((rows) => new Set(rows.map((row) => row.length)).size)).toEqual([1, 1]);
  expect(tables[0]!.map(([name]) => name)).toEqual([
    "",
    "default (shared socket)",
    "reuse_port",
    "exact_balance",
  ]);
  expect(tables[1]!).toHaveLength(1 + 3 + 6);
  expect(items.slice(0, 3)).toEqual(lab.attribution!.perMode.map(({ sentence }) => sentence));
  const named = read["evil.md"] as Markdown;
  expect(named.heading).toEqual([`mesh-load: ${evil.labels.replace("\n", " ").replace("\u0007", "\uFFFD")}`]);
  expect(named.tags.filter((tag) => ["b", "em", "strong", "code", "a"].includes(tag))).toEqual([]);
});

test("a comparison is read by the same: its failed gate, its metrics and its names", () => {
  const [group] = comparison.groups;
  const csv = read["comparison.csv"] as Csv;
  expect([csv.rows, csv.widths]).toEqual([group!.metrics.length, [csv.columns.length]]);
  expect(csv.first["candidate"]).toBe('head <&> "|"');
  const junit = read["comparison.xml"] as Junit;
  expect([junit.errors, junit.failures]).toEqual([[], 1]);
  expect(junit.cases.find(({ failures }) => failures.length > 0)!.name).toContain("p99<=+10%");
  const { heading, tables, items } = read["comparison.md"] as Markdown;
  expect(heading[0]).toContain('head <&> "|" against main');
  expect(tables[0]!.slice(1).map(([name]) => name!.replace(" *", ""))).toEqual(
    group!.metrics.map(({ metric }) => metric),
  );
  expect(items[0]).toContain(comparison.gates[0]!.message);
});

const benchstat = {
  kind: "go",
  module: "golang.org/x/perf/cmd/benchstat",
  version: "latest",
  binary: "benchstat",
} as const;

/** Seven runs whose p99 is `slower` times 3 ms and a bit. */
function repeated(slower: number): ResultSet {
  const runs = Array.from({ length: 7 }, (_, i): Run => {
    const run = runsOf("exact_balance")[i % 3]!;
    const { percentilesUs: p } = run.latency;
    const percentilesUs = { ...p, "50": 800 + i, "99": slower * (3000 + i * 10) };
    return { ...run, order: i, repetition: i, latency: { ...run.latency, percentilesUs } };
  });
  return { ...lab, id: `times-${slower}`, runs, attribution: null };
}

test("benchstat finds a p99 that is half as long again, and no difference where there is none", async () => {
  const program = await findProgram("benchstat", benchstat);
  const place = join(directory, "bench");
  mkdirSync(place);
  for (const set of [repeated(1), repeated(1.5)]) await write("bench", set, place);
  const files = ["times-1", "times-1.5"].map((name) => join(place, `${name}.bench.txt`));
  const { stdout } = await promisify(execFile)(program, ["-format", "csv", ...files]);
  const deltaOf = (unit: string): string[] => {
    const table = stdout.split("\n\n").find((text) => text.includes(`,${unit},`))!;
    return table
      .split("\n")
      .find((line) => line.startsWith("MeshLoad"))!
      .split(",");
  };
  const p99 = deltaOf("p99-sec/op");
  expect(p99.slice(0, 2)).toEqual(["MeshLoad/mode=exact_balance/c=128/qps=3000", "0.00303"]);
  expect(p99.slice(-2)).toEqual(["+50.00%", "p=0.001 n=7"]);
  expect(deltaOf("p50-sec/op").slice(-2)).toEqual(["~", "p=1.000 n=7"]);
  expect(readFileSync(files[0]!, "utf8")).toContain("p99-ns/op");
});

test("benchstat keeps a set whose CPU is not known apart from the one before it", async () => {
  const program = await findProgram("benchstat", benchstat);
  const [known, slower] = [repeated(1), repeated(1.5)];
  const elsewhere = { ...slower, environment: { ...slower.environment, cpuModel: null } };
  const file = join(directory, "cpus.bench.txt");
  writeFileSync(file, bench([known, elsewhere]));
  const { stdout } = await promisify(execFile)(program, ["-format", "csv", file]);
  const tables = stdout.split("\n\n").filter((table) => table.includes(",p99-sec/op,"));
  const medians = tables.map((table) => Number(/^MeshLoad[^,]*,([^,]*)/m.exec(table)![1]));
  // Together they would have one, between the two.
  expect(medians.toSorted()).toEqual([0.00303, 0.004545]);
});
