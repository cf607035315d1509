import { expect, test } from "vitest";
import { json } from "../../src/output/json.ts";
import { resultSchema } from "../../src/result/schema.ts";
import { createValidator } from "../../src/schema.ts";
import { exampleSet } from "../result/example-set.ts";

test("the JSON is the whole set and fits its schema", () => {
  const set = exampleSet();
  const [document] = json([set]);
  const read: unknown = JSON.parse([...document!.text].join(""));
  expect(read).toEqual(set);
  expect(createValidator(resultSchema)(read)).toBeNull();
});
