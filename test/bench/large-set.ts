/**
 * How long a set of 1000 runs × 8 workers takes to write, read, report and compare, and how much memory:
 * `node test/bench/large-set.ts [RUNS]`. Its runs are those of the tests' example, with more workers.
 */

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attribute } from "../../src/attribution/attribution.ts";
import { compare } from "../../src/compare/compare.ts";
import { outputs } from "../../src/output/outputs.ts";
import { readResultSet } from "../../src/result/read-result-set.ts";
import type { ResultSet, Run } from "../../src/result/result.ts";
import { writeResultSet } from "../../src/result/store.ts";
import { exampleSet } from "../result/example-set.ts";

const runCount = Number(process.argv[2] ?? 1000);
const workers = 8;

function largeSet(labels: string): ResultSet {
  const example = exampleSet();
  const runs = Array.from({ length: runCount }, (_, order): Run => {
    const run = structuredClone(example.runs[order % example.runs.length]!);
    const block = Math.floor(order / 3);
    for (const [i, one] of run.connections.entries()) Object.assign(one, { worker: i % workers });
    return {
      ...run,
      order,
      block,
      repetition: block,
      workers: Array.from({ length: workers }, (_, id) => ({ ...run.workers[id % 2]!, id })),
    };
  });
  return {
    ...example,
    labels,
    runs,
    attribution: null,
    plan: { ...example.plan, repetitions: Math.ceil(runCount / 3) },
  };
}

const directory = mkdtempSync(join(tmpdir(), "mesh-load-large-"));

async function timed<T>(what: string, act: () => T | Promise<T>): Promise<T> {
  const started = performance.now();
  const value = await act();
  const ms = (performance.now() - started).toFixed(0).padStart(6);
  console.log(`${what.padEnd(34)} ${ms} ms, ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB resident`);
  return value;
}

const set = largeSet("large");
const attribution = await timed("attribute", () => attribute(set.runs, { tailQuantile: 0.99, seed: 1 }));
const whole = { ...set, attribution };
const [plain, packed] = [join(directory, "large.json"), join(directory, "large.json.gz")];
await timed("write, first", () => writeResultSet(plain, whole));
await timed("write, again after a run", () => writeResultSet(plain, whole));
await timed("write .json.gz", () => writeResultSet(packed, whole));
console.log(
  `${(statSync(plain).size / 1e6).toFixed(1)} MB, compressed ${(statSync(packed).size / 1e6).toFixed(1)} MB`,
);
await timed("read .json.gz", () => readResultSet(packed));
const read = await timed("read", () => readResultSet(plain));
for (const [format, output] of Object.entries(outputs))
  await timed(`report -format ${format}`, async () => {
    for (const { text } of await output([read], { columns: 80, color: false }))
      for (const part of text) void part;
  });
await timed("compare with another such set", () =>
  compare({ baseline: [read], candidate: [{ ...read, labels: "other" }] }),
);
rmSync(directory, { recursive: true });
