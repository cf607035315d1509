import * as fc from "fast-check";
import { expect, test } from "vitest";
import { didYouMean, editDistance, nearest } from "../src/nearest.ts";

test.each([
  ["qsp", "qps", 1, "neighbours swapped"],
  ["kitten", "sitting", 3, "the textbook's example"],
  ["", "abc", 3, "insertions only"],
  ["abc", "", 3, "deletions only"],
  ["ca", "abc", 3, "optimal string alignment edits no substring twice"],
])("%s is %s edits from %s", (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test("the distance is symmetric, and 0 only for equal words", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
      expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test("names the nearest candidate, whatever its case", () => {
  expect(nearest("Reuse-Port", ["default", "reuse_port", "exact_balance"])).toBe("reuse_port");
});

test("names nothing where every letter would have to change", () => {
  expect(nearest("zz", ["c", "qps"])).toBeUndefined();
  expect(didYouMean("zz", ["c", "qps"])).toBe("");
});

test("asks in the reader's notation", () => {
  expect(didYouMean("conections", ["connections"])).toBe('Did you mean "connections"?');
  expect(didYouMean("qsp", ["qps"], (name) => `-${name}`)).toBe("Did you mean -qps?");
});
