/** Files of the same schemaVersion from before a field was there: they are read, and every format reports them. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { outputs } from "../../src/output/outputs.ts";
import { readResultSet } from "../../src/result/read-result-set.ts";
import type { ResultSet } from "../../src/result/result.ts";
import { exampleSet } from "./example-set.ts";

let older: ResultSet;
let folder: string;

/** What 0.1 did not write yet, by hand: the code's own list is what is tested. */
const laterInMode = ["requestMaxOverMean", "carrier"];
const laterInRun = ["hops", "stages", "stop", "retired", "openFailures", "tlsResumed", "requestKinds"];
const laterInConnection = ["retired", "intendedShare"];

const without = (value: object, names: readonly string[]): object =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mesh-load-older-"));
  const set = exampleSet();
  const text = JSON.stringify({
    ...set,
    runs: set.runs.map((run) => ({
      ...without(run, laterInRun),
      connections: run.connections.map((one) => without(one, laterInConnection)),
    })),
    attribution: {
      ...set.attribution,
      perRun: set.attribution!.perRun.map((run) => without(run, ["hops", "tailByHop"])),
      perMode: set.attribution!.perMode.map((mode) => without(mode, laterInMode)),
    },
  });
  for (const name of laterInMode) expect(text).not.toContain(`"${name}"`);
  await writeFile(join(folder, "older.json"), text);
  older = await readResultSet(join(folder, "older.json"));
});
afterAll(() => rm(folder, { recursive: true }));

test("what no such file tells is null, and never a value", () => {
  const { perMode } = older.attribution!;
  expect(perMode.map(({ carrier, requestMaxOverMean }) => [carrier, requestMaxOverMean])).toEqual(
    perMode.map(() => [null, null]),
  );
  expect(older.runs.every(({ hops }) => hops.length === 0)).toBe(true);
});

test("of a chain that was measured before its times were, hops have none", async () => {
  const set = exampleSet();
  const [run] = set.runs;
  const counted = { connections: null, requests: null };
  const hop = { hop: 1, envoy: null, proof: run!.proof, counted, workers: [], links: null };
  const path = join(folder, "chain.json");
  await writeFile(path, JSON.stringify({ ...set, runs: [{ ...run, hops: [hop] }] }));
  expect((await readResultSet(path)).runs[0]!.hops[0]!.times).toBeNull();
});

test.each(Object.entries(outputs))("%s reports it", async (_, output) => {
  const documents = await output([older], { columns: 80, color: false });
  expect(documents.length).toBeGreaterThan(0);
  for (const { text } of documents)
    expect([...text].join("").replace(/<script>.*?<\/script>/gs, "")).not.toMatch(/undefined|NaN|\[object/);
});
