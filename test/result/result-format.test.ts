import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { csv } from "../../src/output/csv.ts";
import { failureReasons } from "../../src/result/load.ts";
import { methodVersion, schemaVersion } from "../../src/result/result.ts";
import { exampleSet } from "./example-set.ts";

const page = readFileSync(new URL("../../docs/RESULT-FORMAT.md", import.meta.url), "utf8");
const words = new Set(page.match(/[A-Za-z][\w-]*/g));
const set = exampleSet();
const run = set.runs[0]!;

test.each([
  ["the set", set],
  ["a run", run],
  ["its rate", run.actual],
  ["what was asked", run.requested],
  ["a distribution", run.latency],
  ["a worker", run.workers[0]!],
  ["a connection", run.connections[0]!],
  ["the tail", run.tail],
  ["the proof", run.proof],
  ["the mapping", run.mapping],
  ["a second", run.series[0]!],
  ["the environment", set.environment],
  ["the attribution", set.attribution!],
])("docs/RESULT-FORMAT.md explains every field of %s", (_, value) => {
  expect(Object.keys(value).filter((field) => !words.has(field))).toEqual([]);
});

test("docs/RESULT-FORMAT.md tells the versions", () => {
  expect(page).toContain(`\`schemaVersion\` (now ${schemaVersion})`);
  expect(page).toContain(`\`methodVersion\` (now ${methodVersion})`);
});

test("docs/RESULT-FORMAT.md explains every reason of a failure", () => {
  expect(failureReasons.filter((reason) => !page.includes(`\`${reason}\``))).toEqual([]);
});

test("docs/RESULT-FORMAT.md lists the columns of the CSV in their order", () => {
  const header = [...csv([set])].join("").split("\r\n")[0]!;
  const listed = /`(schema, result_set[^`]*)`/.exec(page)![1]!;
  expect(listed.split(/,\s+/).join(",")).toBe(header);
});
