import { expect, test } from "vitest";
import { renderJson } from "../../src/output/json.ts";
import { resultSchema } from "../../src/result/schema.ts";
import { createValidator } from "../../src/schema.ts";
import { exampleSet } from "../result/example-set.ts";

test("the JSON is the whole set and fits its schema", () => {
  const set = exampleSet();
  const read: unknown = JSON.parse(renderJson(set));
  expect(read).toEqual(set);
  expect(createValidator(resultSchema)(read)).toBeNull();
});
