import * as fc from "fast-check";
import { expect, test } from "vitest";
import { blocksWithin, escapeMarkdown, markdownTable } from "../../src/output/markdown-text.ts";
import { markdown } from "../../src/output/markdown.ts";
import { exampleSet, stagedSet, urlSet } from "../result/example-set.ts";

test("the example is as it was read by a person", async () => {
  await expect(markdown([exampleSet()])).toMatchFileSnapshot("../golden/example.md");
});

test("one URL with failures", async () => {
  await expect(markdown([urlSet({ fails: true })])).toMatchFileSnapshot("../golden/url.md");
});

test("every row of a table has as many cells as its head, whatever they hold", () => {
  const cell = fc.string({ unit: fc.constantFrom("a", "|", "\\", "\n", "`", "<", " ") });
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell)), (rows) => {
      const lines = markdownTable(["x", "y", "z"], rows).split("\n");
      expect(lines).toHaveLength(rows.length + 2);
      // GFM: a pipe parts cells unless a backslash stands before it, which itself none stands before.
      for (const line of lines) expect(line.replaceAll(/\\[\\|]/g, "").match(/\|/g)).toHaveLength(4);
    }),
  );
});

test.each([
  ["a|b", "a\\|b"],
  ["<img src=x>", "\\<img src=x\\>"],
  ["two\r\nlines", "two lines"],
  ["1. item", "1\\. item"],
  ["- item", "\\- item"],
  ["-12 %", "-12 %"],
  ["0.99", "0.99"],
  ["http://h:80/a_b", "http\\://h:80/a\\_b"],
  ["www.example.com", "www\\.example.com"],
  ["\u001B[31mred", "\uFFFD\\[31mred"],
  ["@team [x](y) *b* `c` $m$", "\\@team \\[x\\](y) \\*b\\* \\`c\\` \\$m\\$"],
])("%j becomes %j", (text, escaped) => {
  expect(escapeMarkdown(text)).toBe(escaped);
});

test("what fits is kept as it is; what does not is counted, and the whole keeps to the limit in bytes", () => {
  expect(blocksWithin(["a", "b"], 100)).toBe("a\n\nb\n");
  const block = fc.string({ unit: fc.constantFrom("a", "é", "漢", "😀"), maxLength: 60 });
  fc.assert(
    fc.property(fc.array(block), fc.integer({ min: 100, max: 1500 }), (blocks, limit) => {
      const text = blocksWithin(blocks, limit);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
      const left = /^_(\d+) more sections/m.exec(text)?.[1] ?? "0";
      expect(text.startsWith(blocks.slice(0, blocks.length - Number(left)).join("\n\n"))).toBe(true);
      if (Buffer.byteLength(`${blocks.join("\n\n")}\n`) <= limit - 1) expect(left).toBe("0");
    }),
  );
});

test("a thousand sets stay within GitHub's limit and say so", () => {
  const set = exampleSet();
  const text = markdown(Array.from({ length: 1000 }, () => set));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2 ** 20);
  expect(Buffer.byteLength(text)).toBeGreaterThan(2 ** 20 - 5000);
  expect(text).toMatch(/_\d+ more sections are left out: a summary holds 1048576 bytes\._\n$/);
});

test("a load of stages has a row for each", () => {
  const text = markdown([stagedSet()]);
  expect(text).toContain("| stage | connections | asked | qps |");
  expect(text).toMatch(/^\| 2–5 s \| 8→16 \| 100→900 \| 500 \| – \| – \| – \| – \| – \| 1 \|$/m);
});
