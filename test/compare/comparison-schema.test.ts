import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { check } from "../../src/compare/check.ts";
import { comparisonSchema } from "../../src/compare/comparison-schema.ts";
import { compare } from "../../src/compare/compare.ts";
import { parseGate } from "../../src/compare/gate.ts";
import { comparisonOutputs } from "../../src/output/outputs.ts";
import { createValidator } from "../../src/schema.ts";
import { exampleSet, urlSet } from "../result/example-set.ts";
import { base, oneMode, sides, withEnvironment } from "./compared-set.ts";

const validate = createValidator(comparisonSchema);
const set = exampleSet();
const gates = [parseGate("p99<=+5%"), parseGate("p99.9<=20ms"), parseGate("failures==0")];

test.each([
  ["two sets", compare({ baseline: [set], candidate: [set] }, { gates })],
  ["sides", compare({ sides: [sides(1.2)] })],
  ["modes", compare({ modes: [set] }, { gates })],
  ["next to nothing known", compare({ baseline: [urlSet({ fails: true })], candidate: [urlSet()] })],
  [
    "another machine",
    compare({ baseline: [oneMode(base)], candidate: [oneMode(base, withEnvironment({ cpus: 3 }))] }),
  ],
  ["a check", check([set], gates.slice(1))],
])("%s fits the schema, also when read back from its JSON", (_name, comparison) => {
  expect(validate(comparison)).toBeNull();
  const read: unknown = JSON.parse(comparisonOutputs.json(comparison));
  expect(validate(read)).toBeNull();
  expect(read).toEqual(JSON.parse(JSON.stringify(comparison)));
});

test("a field that nobody knows, or that is missing, does not", () => {
  const comparison = compare({ modes: [set] });
  expect(validate({ ...comparison, verdict: "fine" })).not.toBeNull();
  const { outcome: _, ...lacking } = comparison;
  expect(validate(lacking)).not.toBeNull();
});

// Write it anew: node -p 'JSON.stringify(require("./src/compare/comparison-schema.ts").comparisonSchema)' > docs/comparison.schema.json
test("docs/comparison.schema.json is this schema", async () => {
  const written = await readFile(new URL("../../docs/comparison.schema.json", import.meta.url), "utf8");
  expect(JSON.parse(written)).toEqual(comparisonSchema);
});
