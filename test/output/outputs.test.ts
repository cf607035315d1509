/** What all formats have in common, and that the command line offers each of them. */

import { expect, test } from "vitest";
import { checkFlags, compareFlags, reportFlags } from "../../src/cli/report-flags.ts";
import { checkOutputs, comparisonOutputs, outputs } from "../../src/output/outputs.ts";
import type { ResultSet } from "../../src/result/result.ts";
import { exampleSet, urlSet } from "../result/example-set.ts";

const page = { columns: 80, color: false };
const example = exampleSet();
const plain = urlSet({ fails: true });
const nothing: ResultSet = { ...example, runs: [], attribution: null };

test.each([
  ["report", reportFlags, outputs],
  ["compare", compareFlags, comparisonOutputs],
  ["check", checkFlags, checkOutputs],
])("%s offers every format", (_, flags, formats) => {
  const { choices } = flags.find(({ name }) => name === "format")!;
  expect(choices!.toSorted()).toEqual(Object.keys(formats).toSorted());
});

test.each(Object.entries(outputs))(
  "%s takes a whole set, one with failures, and one without runs",
  async (_, output) => {
    for (const set of [example, plain, nothing]) {
      const documents = await output([set], page);
      for (const { name, text } of documents) {
        expect(name).toMatch(/^[\w.-]+\.\w+$/);
        // A page's programs may say such words; its data and its text may not.
        const said = [...text].join("").replace(/<script>.*?<\/script>/gs, "");
        expect(said).not.toMatch(/undefined|NaN|\[object/);
      }
    }
  },
);

test.each(Object.entries(outputs))(
  "%s leaves its sets as they were, and says the same again",
  async (_, output) => {
    const before = JSON.stringify(example);
    const texts = async (): Promise<string[]> =>
      (await output([example, plain], page)).map(({ text }) => [...text].join(""));
    expect(await texts()).toEqual(await texts());
    expect(JSON.stringify(example)).toBe(before);
  },
);
