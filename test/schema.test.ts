import { expect, test } from "vitest";
import { createValidator } from "../src/schema.ts";

const validate = createValidator({
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: { type: "string" },
    rate: { type: "integer", minimum: 1 },
    mode: { enum: ["a", "b"] },
    work: { anyOf: [{ const: "auto" }, { type: "object", properties: { us: { type: "number" } } }] },
    list: { type: "array", items: { type: ["number", "null"] } },
  },
});

test("a value that fits its schema has no error", () => {
  expect(validate({ name: "x", rate: 3, mode: "b", work: "auto", list: [1, null] })).toBeNull();
});

test.each([
  [[], "", "must be an object"],
  [{}, "", 'lacks "name"'],
  [{ name: 4 }, "/name", "must be text"],
  [{ name: "x", rate: 0 }, "/rate", "must be >= 1"],
  [{ name: "x", mode: "c" }, "/mode", 'must be one of "a", "b"'],
  [{ name: "x", list: [1, "2"] }, "/list/1", "must be a number or null"],
  [{ name: "x", work: { us: "2" } }, "/work/us", "must be a number"],
])("%j is wrong at %j: %s", (value, path, message) => {
  expect(validate(value)).toEqual({ path, message, unknownKey: null });
});

test("an unknown key is named, and its path is a JSON Pointer with the key escaped", () => {
  expect(validate({ name: "x", "a/b~c": 1 })).toEqual({
    path: "/a~1b~0c",
    message: 'unknown key "a/b~c"',
    unknownKey: "a/b~c",
  });
});
