import { describe, expect, test } from "vitest";
import { createProgress } from "../../src/cli/progress.ts";
import type { ProgressOptions } from "../../src/cli/progress.ts";
import type { ProgressEvent } from "../../src/progress-event.ts";

const base: ProgressEvent = {
  kind: "tick",
  run: 4,
  runs: 9,
  name: "reuse_port",
  repetition: 2,
  elapsedS: 3.2,
  durationS: 5,
  requests: 9594,
  failures: 0,
  failed: {},
};

function recorded(override: Partial<ProgressOptions> = {}) {
  let nowUs = 0;
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text) };
  const progress = createProgress({
    stream,
    isTTY: true,
    quiet: false,
    columns: 80,
    clock: () => nowUs,
    ...override,
  });
  return {
    ...progress,
    written,
    wait: (seconds: number) => (nowUs += seconds * 1e6),
    screen: () => screenOf(written.join("")),
  };
}

/** What a terminal shows after `\r` and "erase to the end of the line". */
function screenOf(text: string): string[] {
  const lines = [""];
  for (const [i, line] of text.split("\n").entries()) {
    if (i > 0) lines.push("");
    lines[i] = line.split("\r\u001B[K").at(-1)!;
  }
  return lines;
}

describe("on a terminal", () => {
  test("one line tells the run, the time, the rate and how long it will take", () => {
    const { show, screen } = recorded();
    show({ ...base, elapsedS: 2.2, requests: 6600 });
    show(base);
    expect(screen()).toEqual(["run 4/9 reuse_port #2 · 3.2/5.0 s · 2994 qps · ETA 0:27"]);
  });

  test("failures are told as soon as there are any", () => {
    const { show, screen } = recorded();
    show({ ...base, failures: 3 });
    expect(screen()[0]).toContain("qps · 3 failed · ETA");
  });

  test("what the runs took beside their load counts in the time that is left", () => {
    const { show, screen, wait } = recorded();
    show({ ...base, kind: "run-started", run: 1, elapsedS: 0 });
    wait(7);
    show({ ...base, kind: "run-finished", run: 1, elapsedS: 5 });
    // Eight runs of 5 s and the 2 s that the first one took to begin and end.
    expect(screen()[0]).toContain("ETA 0:56");
  });

  test("without a known end there is no ETA, and a single run has no number", () => {
    const { show, screen } = recorded();
    show({ ...base, run: 1, runs: 1, durationS: 0, elapsedS: 2, requests: 200 });
    expect(screen()).toEqual(["reuse_port · 2.0 s · 100 qps"]);
  });

  test("a note stands above the live line, which goes on below", () => {
    const { show, note, screen } = recorded();
    show(base);
    note("Envoy 1.40.0 is ready");
    expect(screen()).toEqual(["Envoy 1.40.0 is ready", expect.stringMatching(/^run 4\/9/)]);
  });

  test("at the end nothing of the line is left", () => {
    const progress = recorded();
    progress.show(base);
    progress[Symbol.dispose]();
    expect(progress.screen()).toEqual([""]);
  });

  test("a line never reaches the last column of a narrow terminal", () => {
    const { show, screen } = recorded({ columns: 30 });
    show(base);
    expect(screen()).toEqual(["run 4/9 reuse_port #2 · 3.2/5"]);
  });
});

test("in a pipe each run has a line at its start and one at its end, without control characters", () => {
  const progress = recorded({ isTTY: false });
  const { show, note, written } = progress;
  note("Envoy 1.40.0 is ready");
  show({ ...base, kind: "run-started", elapsedS: 0, requests: 0 });
  show(base);
  show({
    ...base,
    kind: "run-finished",
    elapsedS: 5,
    requests: 15_000,
    failures: 2,
    summary: "p99 3.10 ms",
  });
  progress[Symbol.dispose]();
  expect(written.join("")).toBe(
    "Envoy 1.40.0 is ready\nrun 4/9 reuse_port #2 · 5.0 s\n" +
      "run 4/9 reuse_port #2 · done: 15000 requests in 5.0 s, 2 failed · p99 3.10 ms\n",
  );
});

test("quiet writes nothing at all", () => {
  const progress = recorded({ quiet: true });
  const { show, note, written } = progress;
  note("note");
  show(base);
  progress[Symbol.dispose]();
  expect(written).toEqual([]);
});
