import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { check } from "../../src/compare/check.ts";
import { compare } from "../../src/compare/compare.ts";
import { parseGate } from "../../src/compare/gate.ts";
import { renderCheck, renderComparison } from "../../src/output/comparison-table.ts";
import { base, comparedSet, oneMode, sides, withEnvironment } from "../compare/compared-set.ts";
import type { RunFigures } from "../compare/compared-set.ts";

const plain = { columns: 80, color: false };
const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));

/** Three modes that differ in all that a comparison can say. */
function threeModes(labels: string, factor: number): ReturnType<typeof comparedSet> {
  return comparedSet(
    base.flatMap((p99Us, block): RunFigures[] => [
      { mode: "default", block, p99Us: p99Us * (1 + block / 2), skew: 1.4 + block / 10, skewShare: 0.3 },
      { mode: "reuse_port", block, p99Us: p99Us * 1.5, skew: 1.1, skewShare: null, balancedUs: null },
      { mode: "exact_balance", block, p99Us: p99Us * factor, failures: factor > 1 ? 40 : 0 },
    ]),
    { labels },
  );
}

describe("as a person reads it at 80 columns", () => {
  test("a regression", async () => {
    const text = renderComparison(
      compare({ baseline: [threeModes("main", 1)], candidate: [threeModes("head", 1.18)] }),
      plain,
    );
    expect(widest(text)).toBeLessThanOrEqual(80);
    await expect(text).toMatchFileSnapshot("../golden/comparison.txt");
  });

  test("sides, with all that may be doubted", async () => {
    const set = sides(1.05, { censoredFromUs: 9000 });
    const text = renderComparison(
      compare({
        baseline: [oneMode(base, { labels: "main" })],
        candidate: [
          {
            ...set,
            labels: "head",
            ...withEnvironment({ cpus: 8 }),
            runs: set.runs.slice(0, 3).map((run) => Object.assign({}, run, { side: "" })),
          },
        ],
      }),
      plain,
    );
    expect(widest(text)).toBeLessThanOrEqual(80);
    await expect(text).toMatchFileSnapshot("../golden/comparison-doubts.txt");
  });

  test("modes of a set", async () => {
    const text = renderComparison(compare({ modes: [threeModes("lab", 0.8)] }), plain);
    expect(widest(text)).toBeLessThanOrEqual(80);
    await expect(text).toMatchFileSnapshot("../golden/comparison-modes.txt");
  });

  test("a check", async () => {
    const gates = ["p99<=12ms", "failures==0", "exact_balance:skewShare<=0.3", "balancedP99<=9.5ms"];
    const text = renderCheck(
      check(
        [threeModes("lab", 1.3)],
        gates.map((gate) => parseGate(gate)),
      ),
      plain,
    );
    expect(widest(text)).toBeLessThanOrEqual(80);
    await expect(text).toMatchFileSnapshot("../golden/check.txt");
  });
});

test("colours add nothing but colours", () => {
  const comparison = compare({ sides: [sides(1.3)] });
  const colored = renderComparison(comparison, { columns: 80, color: true });
  expect(colored).toContain("\u001B[31mregressed\u001B[0m");
  expect(stripVTControlCharacters(colored)).toBe(renderComparison(comparison, plain));
});
