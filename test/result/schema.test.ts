import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { resultSchema } from "../../src/result/schema.ts";
import { createValidator } from "../../src/schema.ts";
import { exampleSet, urlSet } from "./example-set.ts";

const validate = createValidator(resultSchema);
const example = exampleSet();

test("a set with everything in it, and one with next to nothing, fit the schema", () => {
  expect(validate(example)).toBeNull();
  expect(validate(urlSet({ fails: true }))).toBeNull();
  expect(validate({ ...example, runs: [], attribution: null })).toBeNull();
});

test("the set still fits when it comes back from its text", () => {
  expect(validate(JSON.parse(JSON.stringify(example)))).toBeNull();
});

test("every field that is there must be known, and every known field must be there", () => {
  const run = example.runs[0]!;
  const { lag: _, ...lacking } = run;
  expect(validate({ ...example, runs: [run, { ...run, lags: 1 }] })).toMatchObject({
    path: "/runs/1/lags",
    unknownKey: "lags",
  });
  expect(validate({ ...example, runs: [lacking] })).toMatchObject({
    path: "/runs/0",
    message: 'lacks "lag"',
  });
});

test.each([
  [{ runs: 3 }, "/runs", "must be a list"],
  [{ startedAt: "yesterday" }, "/startedAt", expect.stringContaining("pattern")],
  [{ schemaVersion: 0 }, "/schemaVersion", "must be 1"],
  [{ plan: { ...example.plan, map: "guess" } }, "/plan/map", expect.stringContaining('"epoll"')],
])("%j is refused at %s", (change, path, message) => {
  expect(validate({ ...example, ...change })).toMatchObject({ path, message: message as string });
});

test("objects are closed wherever they are, except tables whose keys are data", () => {
  const open: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null) return;
    const schema = value as Record<string, unknown>;
    if (schema["type"] === "object" && schema["additionalProperties"] !== false) open.push(path);
    for (const [key, child] of Object.entries(schema)) visit(child, `${path}/${key}`);
  };
  visit(resultSchema, "");
  expect(open.map((path) => path.split("/").at(-1))).toEqual([
    "statuses",
    "failures",
    "addresses",
    "openFailures",
    "percentilesUs",
  ]);
});

// Write it anew: node -p 'JSON.stringify(require("./src/result/schema.ts").resultSchema)' > docs/result.schema.json
test("docs/result.schema.json is this schema", async () => {
  const written = await readFile(new URL("../../docs/result.schema.json", import.meta.url), "utf8");
  expect(JSON.parse(written)).toEqual(resultSchema);
});
