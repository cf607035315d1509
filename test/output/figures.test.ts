import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatRate, splitLine } from "../../src/output/figures.ts";
import { wrap } from "../../src/output/wrap.ts";
import { percentileName } from "../../src/units.ts";

test.each([
  [{ tailUs: 16_100, lagUs: 200, skewUs: 9000 }, "16.1 = 0.2 lag + 9.0 skew + 6.9 rest"],
  [{ tailUs: 3_892_300, lagUs: 2100, skewUs: 1e6 }, "3892 = 2 lag + 1000 skew + 2890 rest"],
  [{ tailUs: 1234, lagUs: 61, skewUs: 400 }, "1.23 = 0.06 lag + 0.40 skew + 0.77 rest"],
  [{ tailUs: 800, lagUs: 60.4, skewUs: 0 }, "0.800 = 0.060 lag + 0.000 skew + 0.740 rest"],
  [{ tailUs: 16_100, lagUs: 200, skewUs: -500 }, "16.1 = 0.2 lag − 0.5 skew + 16.4 rest"],
  [{ tailUs: 16_100, lagUs: 200, skewUs: null }, "16.1 = 0.2 lag + 15.9 rest, skew included"],
  [{ tailUs: 16_100, lagUs: 200, skewUs: 9000, tailCensored: true }, "≥16.1 = 0.2 lag + 9.0 skew + 6.9 rest"],
])("the split of %j reads %s", (parts, line) => {
  expect(splitLine({ tailCensored: false, ...parts })).toBe(line);
});

test("the parts of a split add up as they are printed", () => {
  const us = fc.double({ min: 0, max: 1e7, noNaN: true });
  fc.assert(
    fc.property(us, us, fc.double({ min: -1e6, max: 1e7, noNaN: true }), (tailUs, lagUs, skewUs) => {
      const line = splitLine({ tailUs, lagUs, skewUs, tailCensored: false });
      const [tail, ...parts] = [...line.matchAll(/([+−]?) ?(\d+(?:\.\d+)?)/g)].map(
        ([, sign, digits]) => Number(digits) * (sign === "−" ? -1 : 1),
      );
      expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(tail!, 6);
    }),
  );
});

test("names and rates read as people write them", () => {
  expect([0.99, 0.999, 0.5, 0.9999].map(percentileName)).toEqual(["p99", "p99.9", "p50", "p99.99"]);
  expect([3000, 2999.51, 8, 7.96, 0].map(formatRate)).toEqual(["3000", "3000", "8", "8.0", "0"]);
});

test("wrapped text loses no word, and no line is too long unless a word is", () => {
  const word = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom("a", "b", ".") });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 4, max: 60 }), (words, columns) => {
      const lines = wrap(words.join(" "), columns, { first: "- ", hang: 2 });
      expect(lines.map((line) => line.slice(2)).join(" ")).toBe(words.join(" "));
      for (const line of lines) expect(line.length <= columns || !line.slice(2).includes(" ")).toBe(true);
    }),
  );
});
