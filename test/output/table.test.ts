import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { markdown } from "../../src/output/markdown.ts";
import { renderTable } from "../../src/output/table.ts";
import type { ResultSet, Run } from "../../src/result/result.ts";
import { createWarning } from "../../src/result/warnings.ts";
import { formatMillis } from "../../src/units.ts";
import { exampleSet, stagedSet, urlSet } from "../result/example-set.ts";

const example = exampleSet();
const plain = { columns: 80, color: false };

function widest(text: string): number {
  return Math.max(...text.split("\n").map((line) => line.length));
}

function withRuns(change: (run: Run, i: number) => Partial<Run>, set: ResultSet = example): ResultSet {
  return { ...set, runs: set.runs.map((run, i) => ({ ...run, ...change(run, i) })) };
}

describe("as a person reads it at 80 columns", () => {
  test("three modes, three runs each", async () => {
    const text = renderTable(example, { ...plain, savedAs: "results/2025-01-02-030405_example_set.json" });
    expect(widest(text)).toBeLessThanOrEqual(80);
    await expect(text).toMatchFileSnapshot("../golden/example.txt");
  });

  test("one URL of which nothing else is known, with failures", async () => {
    const text = renderTable(urlSet({ fails: true }), plain);
    expect(widest(text)).toBeLessThanOrEqual(80);
    await expect(text).toMatchFileSnapshot("../golden/url.txt");
  });
});

test("what a result says in words cannot steer the terminal", () => {
  const warning = { code: "noisy-machine", message: "\u001B[2Jone\ntwo", hint: "\u009B31mhint" } as const;
  const text = renderTable(
    withRuns(() => ({ warnings: [warning] })),
    plain,
  );
  expect(text).toContain("\uFFFD[2Jone two");
  expect(text).toContain("\uFFFD31mhint");
  expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
});

test("colours add nothing but colours, and none are there unless asked for", () => {
  const colored = renderTable(example, { columns: 80, color: true });
  expect(colored).toContain("\u001B[32m✓\u001B[0m");
  expect(stripVTControlCharacters(colored)).toBe(renderTable(example, plain));
});

describe("a mode that is not proven", () => {
  const proof = {
    ...example.runs[1]!.proof,
    inEffect: "default",
    reason: "1 socket, shared by 2 descriptors",
  } as const;

  test("is marked, and told why, where another one is in effect", () => {
    const text = renderTable(
      withRuns((run) => (run.mode === "reuse_port" ? { proof } : {})),
      plain,
    );
    expect(text).toMatch(/^reuse_port .*✗$/m);
    expect(text).toMatch(/^exact_balance .*✓$/m);
    expect(text).toContain(
      "reuse_port: not in effect, but default (shared socket): 1 socket, shared by 2\n  descriptors",
    );
  });

  test("is in doubt where nothing could be seen", () => {
    const unseen = { ...proof, inEffect: null, reason: "no PID was given" };
    const text = renderTable(
      withRuns((run) => (run.mode === "reuse_port" ? { proof: unseen } : {})),
      plain,
    );
    expect(text).toMatch(/^reuse_port .*\?$/m);
    expect(text).toContain("reuse_port: not proven: no PID was given");
  });
});

test("a quantile is marked as a lower bound only from the age of the youngest unanswered request on", () => {
  const text = renderTable(
    withRuns((run) =>
      run.mode === "default" ? { censored: { count: 1, youngestUs: 5000, oldestUs: 9e6 } } : {},
    ),
    plain,
  );
  const row = text.split("\n").find((line) => line.startsWith("default (shared socket)"))!;
  expect(row.split(/ {2,}/).slice(3, 8)).toEqual(["1.12", "3.35", "≥6.59", "≥10.4", "≥13.9"]);
  expect(text).toMatch(/^reuse_port .* 3\.01 /m);
});

test("the same doubt of several runs stands there once, with its count and what to do", () => {
  const late = createWarning("driver-saturated", "mesh-load itself was late: lag p99 7.00 ms");
  const text = renderTable(
    withRuns((run, i) => (i < 4 ? { warnings: [...run.warnings, late] } : {})),
    plain,
  );
  expect(text.match(/driver-saturated/g)).toHaveLength(1);
  expect(text).toContain("! driver-saturated (in 4 of 9 runs): mesh-load itself was late: lag p99 7.00 ms");
  expect(text).toContain("  Lower -qps, raise -threads");
  expect(text.indexOf("driver-saturated")).toBeLessThan(text.indexOf("noisy-machine"));
});

test("a doubt that only the runs together raise comes first", () => {
  const warnings = [createWarning("worker-uneven", "worker_1 has the tail whatever it holds")];
  const text = renderTable({ ...example, attribution: { ...example.attribution!, warnings } }, plain);
  expect(text).toMatch(/^! worker-uneven: worker_1 has the tail/m);
  expect(text.indexOf("worker-uneven")).toBeLessThan(text.indexOf("noisy-machine"));
});

test("an experiment that ended early says how far it came", () => {
  const [first, second] = example.runs as [Run, Run];
  const runs: Run[] = [first, { ...second, state: "interrupted" }];
  const text = renderTable({ ...example, runs, attribution: null }, plain);
  expect(text).toContain("2 of 9 runs were made. 1 of 2 runs cut short.");
  expect(text).toMatch(/^default \(shared socket\) /m);
  expect(text).not.toContain("Where the p99");
});

test("a run that failed says why", () => {
  const stop = { code: "thread-died", message: "a driver thread died: out of memory" } as const;
  const runs = [{ ...example.runs[0]!, state: "failed", stop } as const];
  const text = renderTable({ ...example, runs, attribution: null }, plain);
  expect(text).toContain("1 of 9 runs were made. Run 1 failed: a driver thread died: out of memory.");
});

test("a load of stages has a row for each, of its own requests", () => {
  const text = renderTable(stagedSet(), plain);
  expect(widest(text)).toBeLessThanOrEqual(80);
  expect(text).toMatch(/^0–2 s +8 +100 +100 +\d.* 0$/m);
  expect(text).toMatch(/^2–5 s +8→16 +100→900 +500 +– +– +– +– +– +1$/m);
});

test("nothing at all is a report, too", () => {
  expect(renderTable({ ...example, runs: [], attribution: null }, plain)).toContain("0 of 9 runs were made.");
});

test("a target that never answered has no latency but its failures", () => {
  const set = urlSet();
  const run = set.runs[0]!;
  const none = run.tlsTime;
  const refused: Partial<Run> = {
    state: "failed",
    stop: { code: "no-answer", message: "nothing was ever answered" },
    actual: { ...run.actual, requests: 0, qps: 0 },
    statuses: {},
    failures: { "connect-refused": 1000 },
    latency: none,
    serviceTime: none,
    blocked: none,
    lag: none,
    connectTime: none,
  };
  const text = renderTable(
    withRuns(() => refused, set),
    plain,
  );
  expect(text).toContain("1 of 1 runs had no answer at all.");
  expect(text).toMatch(/^127\.0\.0\.1:8080 +200 +0( +–){6}$/m);
  expect(text).toContain("Responses    none\nFailures     connect-refused: 1000");
});

test("of many workers the busiest and the idlest are shown, and how many lie between", () => {
  const run = example.runs[0]!;
  const workers = Array.from({ length: 32 }, (_, id) => ({ ...run.workers[0]!, id, connections: 100 - id }));
  const text = renderTable({ ...example, runs: [{ ...run, workers }], attribution: null }, plain);
  const shown = [...text.matchAll(/^ {2}worker_(\d+) +(\d+)/gm)].map(([, id, connections]) => [
    Number(id),
    Number(connections),
  ]);
  expect(shown).toEqual([0, 1, 2, 3, 28, 29, 30, 31].map((id) => [id, 100 - id]));
  expect(text).toContain("and 24 between them");
});

const slow = (run: Run): Partial<Run> => ({
  requested: { ...run.requested, qps: 120_000 },
  actual: { ...run.actual, qps: 119_873.5 },
  censored: { count: 1, youngestUs: 1, oldestUs: 9e7 },
  latency: { ...run.latency, maxUs: 9e7, percentilesUs: { "50": 3e7, "90": 4e7, "99": 5e7, "99.9": 6e7 } },
});

test("figures of six digits still fit, with less space between them", () => {
  const text = renderTable(withRuns(slow), plain);
  expect(text).toMatch(/^default \(shared socket\) 120000 119874 ≥30000 ≥40000 ≥50000 ≥60000 ≥90000 +✓$/m);
  expect(widest(text)).toBeLessThanOrEqual(80);
});

test("as fast as it goes, a number of requests and short-lived connections are named so", () => {
  const load = { ...example.plan.load, qps: 0, exactly: 5000, keepalive: false };
  const text = renderTable(
    { ...withRuns((run) => ({ requested: { ...run.requested, qps: 0 } })), plan: { ...example.plan, load } },
    plain,
  );
  expect(text.split("\n\n")[0]!.replaceAll(/\s+/g, " ")).toContain(
    "128 connections, as fast as it goes, 5000 requests × 3 · HTTP/1.1, a connection for each request",
  );
  expect(text).toMatch(/^default \(shared socket\) +max /m);
});

const kinds = (p99Us: number): Run["requestKinds"] => [
  { name: "read", weight: 9, count: 900, failures: 0, p50Us: 800, p99Us },
  { name: "PUT /item", weight: 1, count: 100, failures: 7, p50Us: 1600, p99Us: 12_300 },
];

describe("kinds of request", () => {
  test("have a table of their own where there are several, summed over the runs", () => {
    const set = urlSet();
    expect(renderTable(set, plain)).not.toContain("Per kind of request");
    const twice = { ...set, runs: [set.runs[0]!, set.runs[0]!] };
    const text = renderTable(
      withRuns((_, i) => ({ requestKinds: kinds(i === 0 ? 2000 : 4000) }), twice),
      plain,
    );
    expect(text).toContain(
      [
        "Per kind of request, latency in ms",
        "           weight  requests  failures   p50   p99",
        "read            9      1800         0  0.80  3.00",
        "PUT /item       1       200        14  1.60  12.3",
      ].join("\n"),
    );
  });

  test("have no quantile of runs without such a request, nor of runs that cannot tell of it", () => {
    const [read, put] = kinds(2000);
    const never = { ...put!, count: 0, failures: 0, p50Us: 0, p99Us: 0 };
    const [run] = urlSet().runs;
    const text = (told: readonly Run["requestKinds"][]): string =>
      renderTable({ ...urlSet(), runs: told.map((requestKinds) => ({ ...run!, requestKinds })) }, plain);
    expect(text([[read!, never], [read!, put!], []])).toMatch(/^PUT \/item +1 +100 +7 +1\.60 +12\.3$/m);
    expect(text([[], [read!, put!]])).toMatch(/^PUT \/item +1 +100 +7 +1\.60 +12\.3$/m);
    expect(text([[read!, never]])).toMatch(/^PUT \/item +1 +0 +0 +– +–$/m);
  });

  test("stand under each mode where there are several", () => {
    const text = renderTable(
      withRuns(() => ({ requestKinds: kinds(2000) })),
      plain,
    );
    expect(text.match(/^  read .*2700/gm)?.length).toBe(3);
    expect(widest(text)).toBeLessThanOrEqual(80);
  });
});

const stepOf = ({ block }: Run): number => [2, 16, 1024][block]!;

describe("a sweep", () => {
  const inSteps = withRuns((run) => ({
    step: `c=${stepOf(run)}`,
    requested: { ...run.requested, qps: 0, connections: stepOf(run) },
  }));
  const swept: ResultSet = {
    ...inSteps,
    plan: { ...example.plan, repetitions: 1, sweep: [2, 16, 1024] },
    attribution: null,
  };
  const text = renderTable(swept, plain);

  test("has a row for each step and mode, the fewest connections first", () => {
    expect(widest(text)).toBeLessThanOrEqual(80);
    const modes = ["default", "reuse_port", "exact_balance"];
    const rows = text.split("\n").filter((line) => / max {2}/.test(line));
    expect(rows.map((row) => [row.slice(0, 8).trim(), row.slice(8, 23).trim()])).toEqual(
      ["c=2", "c=16", "c=1024"].flatMap((step) => modes.map((mode, i) => [i === 0 ? step : "", mode])),
    );
    const run = swept.runs.find(({ step, mode }) => step === "c=16" && mode === "exact_balance")!;
    const { meanUs, percentilesUs } = run.latency;
    const figures = rows[5]!.trim().split(/ +/).slice(2);
    expect(figures).toEqual([
      run.actual.qps.toFixed(0),
      ...[meanUs, percentilesUs["50"]!, percentilesUs["90"]!, percentilesUs["99"]!].map(formatMillis),
      String(run.failureLatency.count),
    ]);
  });

  test("has no mean of runs without answers, and none of their zeros in those of others", () => {
    const none = { histogram: "", count: 0, meanUs: 0, maxUs: 0, percentilesUs: {} };
    const run = swept.runs[0]!;
    const unanswered = { ...run, latency: none, serviceTime: none };
    const ofMean = (meanUs: number): Run => ({ ...run, latency: { ...run.latency, meanUs } });
    const report = (runs: readonly Run[]): string => renderTable({ ...swept, runs }, plain);
    expect(report([unanswered, ofMean(2000), ofMean(4000)])).toMatch(/^c=2 +default +max +\d+ +3\.00 /m);
    expect(report([unanswered])).toMatch(/^c=2 +default +max +\d+ +– /m);
  });

  test("counts the runs of all its steps", () => {
    expect(text).toContain("2, 16, 1024 connections");
    expect(text).not.toContain("runs were made");
    const less = renderTable({ ...swept, runs: swept.runs.slice(0, 8) }, plain);
    expect(less).toContain("8 of 9 runs were made.");
  });

  test("stands in Markdown as well", () => {
    expect(markdown([swept])).toContain("| c=1024 | default |");
  });
});
