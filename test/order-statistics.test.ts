import { expect, test } from "vitest";
import { median } from "../src/order-statistics.ts";

test("the median is the middle one, or the mean of the two", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([7])).toBe(7);
});
