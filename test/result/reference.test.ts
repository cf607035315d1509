import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { attribute } from "../../src/attribution/attribution.ts";
import { readResultSet } from "../../src/result/read-result-set.ts";
import { methodVersion } from "../../src/result/result.ts";

const directory = join(import.meta.dirname, "../../results/reference");
const files = readdirSync(directory).filter((file) => file.endsWith(".json"));

test("a reference set is committed", () => {
  expect(files.length).toBeGreaterThanOrEqual(1);
});

test.each(files)(
  "%s is of the schema, and its runs still give the attribution that it holds",
  async (file) => {
    const set = await readResultSet(join(directory, file));
    expect(set.methodVersion).toBe(methodVersion);
    expect(set.runs.every(({ state }) => state === "completed")).toBe(true);
    // As read from a file: JSON knows no -0 and no undefined.
    const again: unknown = JSON.parse(
      JSON.stringify(attribute(set.runs, { tailQuantile: set.plan.tailQuantile, seed: set.seed })),
    );
    expect(again).toEqual(set.attribution);
  },
);
