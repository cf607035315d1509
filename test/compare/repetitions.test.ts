import { expect, test } from "vitest";
import { leastRepetitions, tooFewRepetitions } from "../../src/compare/repetitions.ts";

// 2^-K < α/m, and 1/C(2K, K) < α/m.
test.each([
  ["paired", 1, 5],
  ["paired", 2, 6],
  ["paired", 6, 7],
  ["paired", 7, 8],
  ["unpaired", 1, 4],
  ["unpaired", 6, 5],
] as const)("%s, %d tests at 5 %% need %d repetitions", (design, tests, least) => {
  expect(leastRepetitions({ design, tests, alpha: 0.05 })).toBe(least);
});

test("says what so few cannot tell", () => {
  expect(tooFewRepetitions({ repetitions: 3, design: "unpaired", tests: 1, alpha: 0.05 })).toBe(
    "3 runs against as many reach p = 0.05 at best, and a gate needs less than 0.05: use -reps 4 or more",
  );
  expect(tooFewRepetitions({ repetitions: 5, design: "paired", tests: 2, alpha: 0.05 })).toBe(
    "5 pairs of runs reach p = 0.031 at best, and a gate needs less than 0.025: use -reps 6 or more",
  );
  expect(tooFewRepetitions({ repetitions: 7, design: "paired", tests: 3, alpha: 0.05 })).toBeNull();
});
