import { expect, test } from "vitest";
import { createErrorLines } from "../../src/cli/error-lines.ts";
import type { ProgressEvent } from "../../src/progress-event.ts";

const event = (override: Partial<ProgressEvent>): ProgressEvent => ({
  kind: "tick",
  run: 1,
  runs: 2,
  name: "default",
  repetition: 1,
  elapsedS: 0,
  durationS: 5,
  requests: 0,
  failures: 0,
  failed: {},
  ...override,
});

function told(...events: Partial<ProgressEvent>[]): string[] {
  const lines: string[] = [];
  const tell = createErrorLines((line) => lines.push(line));
  for (const one of events) tell(event(one));
  return lines;
}

test("tells what has failed since the last line, at most once a second, and the rest at the end of the run", () => {
  expect(
    told(
      { kind: "run-started" },
      { elapsedS: 0.5, failed: { 503: 2 } },
      { elapsedS: 1, failed: { 503: 5, timeout: 1 } },
      { elapsedS: 1.5, failed: { 503: 7, timeout: 1 } },
      { elapsedS: 2, failed: { 503: 7, timeout: 1 } },
      { kind: "run-finished", elapsedS: 2.2, failed: { 503: 8, timeout: 1 } },
    ),
  ).toEqual([
    "run 1/2 default failed: 503 × 2",
    "run 1/2 default failed: 503 × 5, timeout × 1",
    "run 1/2 default failed: 503 × 1",
  ]);
});

test("leaves what comes of ending a load to the report", () => {
  const failed = { "never-sent": 40, unfinished: 2, reset: 1 };
  expect(told({ kind: "run-finished", elapsedS: 2, failed })).toEqual(["run 1/2 default failed: reset × 1"]);
});

test("says nothing where nothing fails, and counts each run anew", () => {
  expect(told({ kind: "run-started" }, { elapsedS: 1 }, { kind: "run-finished", elapsedS: 2 })).toEqual([]);
  const run = [{ kind: "run-started" }, { elapsedS: 1, failed: { 503: 2 } }] as const;
  expect(told(...run, ...run)).toHaveLength(2);
});

test("an only run needs no number", () => {
  expect(told({ runs: 1, name: "h:80", elapsedS: 1, failed: { reset: 1 } })).toEqual([
    "h:80 failed: reset × 1",
  ]);
});
