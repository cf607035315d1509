import { expect, test } from "vitest";
import { fuzzFrames } from "./fuzz-frames.ts";

test("60 000 mutated and random conversations never throw, hang or end a request twice, however they are cut", () => {
  const ends = fuzzFrames({ seed: 1, count: 60_000 });
  expect(ends.broken + ends.ended + ends.open).toBe(60_000);
  // All three ends must be common, or the mutations test little.
  expect(Math.min(ends.broken, ends.ended, ends.open)).toBeGreaterThan(5000);
}, 120_000);
