/** Results of Fortio on one side, or on both. */

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compare } from "../../src/compare/compare.ts";
import { readResultSet } from "../../src/result/read-result-set.ts";
import { base, oneMode } from "./compared-set.ts";

const fortio = (name: string): ReturnType<typeof readResultSet> =>
  readResultSet(fileURLToPath(new URL(`../fixtures/fortio/${name}.json`, import.meta.url)));

test("two results of Fortio are compared by their service times, with Fortio's own medians", async () => {
  const [plain, errors] = await Promise.all([fortio("plain"), fortio("errors")]);
  const { groups, notes } = compare({ baseline: [plain], candidate: [errors] }, { force: true });
  expect(notes[0]).toContain("service times are compared, on both sides");
  const p50 = groups[0]!.metrics.find(({ metric }) => metric === "p50")!;
  expect([p50.baseline.median, p50.candidate.median]).toEqual([
    plain.runs[0]!.serviceTime.percentilesUs["50"],
    errors.runs[0]!.serviceTime.percentilesUs["50"],
  ]);
  expect(p50.verdict).toBe("underpowered");
});

test("results that have latencies are compared by them, without a note", () => {
  const { notes, groups } = compare({ baseline: [oneMode(base)], candidate: [oneMode(base)] });
  expect(notes.join()).not.toContain("service times");
  const p99 = groups[0]!.metrics.find(({ metric }) => metric === "p99")!;
  expect(p99.baseline.values).toEqual(base);
});
