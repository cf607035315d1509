import { expect, test } from "vitest";
import { Histogram } from "../../src/histogram.ts";
import { hdrlog } from "../../src/output/hdrlog.ts";
import { hgrm } from "../../src/output/hgrm.ts";
import { exampleSet, urlSet } from "../result/example-set.ts";

test(".hgrm: a file for each mode over all its runs, in milliseconds, from one format's first line to its last", () => {
  const set = exampleSet();
  const files = hgrm([set]);
  expect(files.map(({ name }) => name)).toEqual(
    ["default", "reuse_port", "exact_balance"].map((mode) => `2025-01-02-030405_example_set_${mode}.hgrm`),
  );
  const lines = String(files[0]!.text).trimEnd().split("\n");
  expect(lines[0]).toBe("       Value     Percentile TotalCount 1/(1-Percentile)");
  const maxMs =
    Math.max(...set.runs.filter(({ mode }) => mode === "default").map(({ latency }) => latency.maxUs)) / 1e3;
  const rows = lines.filter((line) => /^ +\d/.test(line)).map((line) => line.trim().split(/ +/).map(Number));
  const [value, share, count] = rows.at(-1)!;
  // The upper edge of the last bucket, three significant digits.
  expect(Math.abs(value! / maxMs - 1)).toBeLessThan(0.001);
  expect([share, count]).toEqual([1, 18_000]);
  expect(lines.at(-2)).toMatch(/^#\[Max {5}= +[\d.]+, Total count {4}= +18000\]$/);
});

test("the log has a line for each run and worker, whose histogram is the run's own", () => {
  const set = exampleSet();
  const lines = hdrlog([set]).trimEnd().split("\n");
  expect(lines.slice(1, 3)).toEqual([
    "#[Histogram log format version 1.3]",
    "#[StartTime: 1735787045.000 (seconds since epoch), Thu, 02 Jan 2025 03:04:05 GMT]",
  ]);
  const rows = lines.slice(4).map((line) => line.split(","));
  expect(rows).toHaveLength(9 * 3);
  expect(rows.slice(0, 3).map(([tag]) => tag)).toEqual([
    "Tag=default",
    "Tag=default/worker_0",
    "Tag=default/worker_1",
  ]);
  const [, start, length, maxMs, base64] = rows[0]!;
  expect([start, length, maxMs]).toEqual(["0.000", "2.000", (set.runs[0]!.latency.maxUs / 1e3).toFixed(3)]);
  expect(Histogram.decode(base64!).count).toBe(6000);
});

test("sets are put in the order of their time, and a tag is one word", () => {
  const late = urlSet();
  const run = { ...late.runs[0]!, startedAt: "2025-01-02T03:05:05.500Z", side: "a, b" };
  const rows = hdrlog([{ ...late, runs: [run] }, exampleSet()])
    .trimEnd()
    .split("\n")
    .slice(4);
  expect(rows.at(-1)).toMatch(/^Tag=a_b_127\.0\.0\.1:8080,60\.500,5\.000,/);
});
