import { describe, expect, test } from "vitest";
import { createRun } from "../../src/result/create-run.ts";
import { outcomeOf } from "../../src/result/load.ts";
import type { Load } from "../../src/result/load.ts";
import type { RunParts } from "../../src/result/run-parts.ts";
import type { Warning } from "../../src/result/warnings.ts";
import { createWarning } from "../../src/result/warnings.ts";
import { connectionRow, createLoad, loadPlan, nothingObserved, runParts } from "./samples.ts";
import type { Row } from "./samples.ts";

const connections = [connectionRow(0), connectionRow(1)];
const mapped: Partial<RunParts> = {
  mapping: {
    method: "epoll",
    workerOf: new Map([
      [0, 0],
      [1, 1],
    ]),
    checks: [],
    reason: "",
  },
};

/** 100 a second for 20 s: enough for a p99. */
function steady(life: (i: number) => Partial<Row> = () => ({})): Row[] {
  return Array.from({ length: 2000 }, (_, i) => ({
    latencyUs: 2000,
    lagUs: 50,
    connection: i % 2,
    second: Math.floor(i / 100),
    ...life(i),
  }));
}

function listOf(
  rows: readonly Row[],
  load: Partial<Load> = {},
  parts: Partial<RunParts> = {},
): readonly Warning[] {
  const whole = createLoad(rows, { connections, durationUs: 20e6, driverCpuS: 2, ...load });
  return createRun(runParts(whole, { ...mapped, ...parts })).warnings;
}

function warningsOf(...input: Parameters<typeof listOf>): Map<string, Warning> {
  return new Map(listOf(...input).map((warning) => [warning.code, warning]));
}

test("a steady load on a known proxy raises no doubt", () => {
  expect([...warningsOf(steady()).keys()]).toEqual([]);
});

test("what the scraper saw comes first", () => {
  const gap = createWarning("scrape-gap", "no /stats for 3.2 s");
  const found = warningsOf(
    steady((i) => (i === 0 ? { outcome: 500 } : {})),
    {},
    { observation: { ...nothingObserved, warnings: [gap] } },
  );
  expect([...found.values()][0]).toBe(gap);
  expect([...found.keys()]).toEqual(["scrape-gap", "failures"]);
});

describe("requests that went wrong", () => {
  test("are counted by reason", () => {
    const rows = steady((i) => (i < 3 ? { outcome: outcomeOf("reset") } : i < 5 ? { outcome: 503 } : {}));
    expect(warningsOf(rows).get("failures")?.message).toBe(
      "5 of 2000 requests failed: http-error 2, reset 3",
    );
    expect(warningsOf(rows, { tlsFailures: { "certificate has expired": 3 } }).get("failures")?.message).toBe(
      "5 of 2000 requests failed: http-error 2, reset 3 (certificate has expired)",
    );
  });

  test("and were still unanswered at the end are another matter than failures", () => {
    const rows = steady((i) => (i > 1997 ? { outcome: outcomeOf("unfinished"), latencyUs: 2.5e6 } : {}));
    const found = warningsOf(rows);
    expect(found.get("unfinished")?.message).toBe("At the end 2 unanswered, up to 2.50 s old");
    expect(found.has("failures")).toBe(false);
  });
});

describe("a rate that was not reached", () => {
  /** A target of 90 a second at an asked 100. */
  const slowTarget = steady((i) => {
    const blockedUs = (i / 90 - i / 100) * 1e6;
    return { blockedUs, latencyUs: blockedUs + 2000 };
  });

  test("for the target's slowness is behind-schedule", () => {
    const found = warningsOf(slowTarget);
    const [, sent] = /only (\d+) of the 2000 requests/.exec(found.get("behind-schedule")!.message)!;
    expect(Math.abs(Number(sent) - 1800)).toBeLessThan(10);
    expect(found.has("driver-saturated")).toBe(false);
  });

  test("for our own slowness is driver-saturated", () => {
    const rows = steady((i) => {
      const lagUs = (i / 90 - i / 100) * 1e6;
      return { lagUs, latencyUs: lagUs + 2000 };
    });
    const found = warningsOf(rows);
    expect(found.get("driver-saturated")?.message).toMatch(/lag p99 2\.\d+ s, only 1\d{3} of the 2000/);
    expect(found.has("behind-schedule")).toBe(false);
  });

  test("for a saturated thread is driver-saturated, though its connections seem blocked", () => {
    const found = warningsOf(slowTarget, { busiestThread: 0.97 });
    expect(found.get("driver-saturated")?.message).toMatch(
      /too slow: lag p99 50.0 µs, a thread busy 97 % of the time, only 1\d{3} of the 2000/,
    );
    expect(found.has("behind-schedule")).toBe(false);
    // However busy: what was in time raises no doubt.
    expect([...warningsOf(steady(), { busiestThread: 0.97 }).keys()]).toEqual([]);
  });

  test("counts what was never sent, or skipped, as missing", () => {
    const rows = steady((i) =>
      i >= 1900 ? { outcome: outcomeOf("never-sent"), latencyUs: 1e6, blockedUs: 1e6 } : {},
    );
    expect(warningsOf(rows).get("behind-schedule")?.message).toContain("only 1900 of the 2000");
    expect(warningsOf(steady(), { skipped: 100 }).get("behind-schedule")?.message).toContain(
      "only 2000 of the 2100",
    );
  });

  test("is none where the target stalled and caught up, or failed fast", () => {
    const stalled = steady((i) =>
      i >= 1000 && i < 1100 ? { latencyUs: 1e6 - (i - 1000) * 1e4, blockedUs: 9e5 - (i - 1000) * 9e3 } : {},
    );
    expect(warningsOf(stalled).has("behind-schedule")).toBe(false);
    const refused = steady(() => ({ outcome: outcomeOf("connect-refused") }));
    expect(warningsOf(refused).has("behind-schedule")).toBe(false);
  });

  test("is none as fast as it goes, where no rate was asked", () => {
    const found = warningsOf(slowTarget, {}, { plan: { ...loadPlan, qps: 0 } });
    expect([...found.keys()]).toEqual([]);
  });
});

describe("the driver's own lag", () => {
  test.each([
    ["over 5 ms at p99", { lagUs: 6000, latencyUs: 500_000 }, true],
    ["over a tenth of the tail", { lagUs: 2500, latencyUs: 20_000 }, true],
    ["under a tenth of the tail", { lagUs: 2500, latencyUs: 50_000 }, false],
    ["large beside a short tail, but within what a timer gives", { lagUs: 900, latencyUs: 2000 }, false],
  ])("%s: %j is doubted: %s", (_, life, doubted) => {
    expect(warningsOf(steady(() => life)).has("driver-saturated")).toBe(doubted);
  });
});

/** What is said of Envoy's counters. */
function counting(requests: number, held: number, rows = steady(), load: Partial<Load> = {}): string[] {
  const observation = { ...nothingObserved, counted: { requests, connections: held } };
  return listOf(rows, load, { observation }).map(({ code, message }) => `${code}: ${message}`);
}

describe("Envoy's counts beside ours", () => {
  test("agree when they are equal, the warm-up's requests included", () => {
    expect(counting(2000, 2)).toEqual([]);
    const warmup = { sent: 150, answered: 150, redirects: 0 };
    expect(counting(2150, 2, steady(), { warmup })).toEqual([]);
    expect(counting(2000, 2, steady(), { warmup })).toEqual([
      "counts-differ: Envoy counted 2000 requests, mesh-load at least 2150",
    ]);
  });

  test("more is somebody else's traffic, less is a contradiction", () => {
    expect(counting(2010, 3)).toEqual([
      "other-traffic: Envoy counted 1 connections more than mesh-load's 2",
      "other-traffic: Envoy counted 10 requests more than mesh-load's 2000",
    ]);
    expect(counting(1990, 2)).toEqual([
      "counts-differ: Envoy counted 1990 requests, mesh-load at least 2000",
    ]);
  });

  test("a redirect that was followed is one more request, there or elsewhere", () => {
    const load = { redirects: 2000, warmup: { sent: 150, answered: 150, redirects: 150 } };
    for (const requests of [2150, 4300]) expect(counting(requests, 2, steady(), load)).toEqual([]);
    expect(counting(4301, 2, steady(), load)).toEqual([
      "other-traffic: Envoy counted 1 requests more than mesh-load's 4300",
    ]);
  });

  test("a failed request may have reached Envoy or not", () => {
    const rows = steady((i) => (i < 5 ? { outcome: outcomeOf("reset") } : {}));
    for (const requests of [1995, 1998, 2000])
      expect(counting(requests, 2, rows).filter((line) => !line.startsWith("failures"))).toEqual([]);
    expect(counting(1994, 2, rows)).toContain(
      "counts-differ: Envoy counted 1994 requests, mesh-load at least 1995",
    );
    const warmup = { sent: 150, answered: 100, redirects: 0 };
    for (const requests of [2100, 2150]) expect(counting(requests, 2, steady(), { warmup })).toEqual([]);
  });
});

describe("what is known of the workers", () => {
  test("nothing, or not of all connections", () => {
    const none = {
      mapping: { method: "none", workerOf: new Map<number, number>(), checks: [], reason: "no way" },
    } as const;
    expect(warningsOf(steady(), {}, none).get("workers-unseen")?.message).toBe(
      "Which worker served a connection is not known: no way",
    );
    const some = {
      mapping: { method: "epoll", workerOf: new Map([[0, 0]]), checks: [], reason: "half" },
    } as const;
    expect(warningsOf(steady(), {}, some).get("workers-unseen")?.message).toBe(
      "The worker of 1 of 2 connections is not known: half",
    );
  });

  test("two methods that contradict each other", () => {
    const checks = [{ method: "header", compared: 2, disagreed: 1 }] as const;
    const found = warningsOf(steady(), {}, { mapping: { ...mapped.mapping!, checks } });
    expect(found.get("mapping-disagrees")?.message).toBe(
      "header and epoll name different workers for 1 of 2 connections",
    );
  });

  test("connections that were lost and opened again", () => {
    const again = [...connections, connectionRow(2, { slot: 0 })];
    const workerOf = new Map([
      [0, 0],
      [1, 1],
      [2, 0],
    ]);
    const found = warningsOf(steady(), { connections: again }, { mapping: { ...mapped.mapping!, workerOf } });
    expect(found.get("connections-lost")?.message).toBe("3 connections were opened where 2 were asked for");
  });

  test("connections that were replaced as planned are not lost, others beside them are", () => {
    const retired = [
      connectionRow(0, { retired: true }),
      connections[1]!,
      connectionRow(2, { slot: 0, retired: true }),
      connectionRow(3, { slot: 0 }),
    ];
    expect(warningsOf(steady(), { connections: retired }, mapped).has("connections-lost")).toBe(false);
    const lost = [...retired, connectionRow(4, { slot: 1 })];
    expect(warningsOf(steady(), { connections: lost }, mapped).get("connections-lost")?.message).toBe(
      "5 connections were opened where 4 were asked for",
    );
  });

  test("connections that could not be opened before the load, with the reasons", () => {
    const connectFailures = { "connect ECONNREFUSED 127.0.0.1:1": 1, "connect EMFILE": 1 };
    expect(warningsOf(steady(), { connectFailures }).get("connections-not-opened")?.message).toBe(
      "2 of 2 connections could not be opened before the load: connect ECONNREFUSED 127.0.0.1:1: 1; connect EMFILE: 1",
    );
    expect(warningsOf(steady()).has("connections-not-opened")).toBe(false);
  });
});

test("a tail of fewer than ten requests is no tail", () => {
  expect(warningsOf(steady().slice(0, 999)).get("samples-too-few")?.message).toBe(
    "p99 needs 1000 requests to mean something, and there are 999",
  );
  expect(warningsOf(steady().slice(0, 1000)).has("samples-too-few")).toBe(false);
  expect(warningsOf(steady(), {}, { tailQuantile: 0.999 }).get("samples-too-few")?.message).toContain(
    "p99.9 needs 10000",
  );
});

describe("of a run that was stopped before it could measure", () => {
  const machine = createWarning("noisy-machine", "Other programs used 40 % of the CPU");
  const gap = createWarning("scrape-gap", "no /stats for 3.2 s");
  const observation = { ...nothingObserved, warnings: [machine, gap] };
  const codesOf = (outcome: number, stop: Load["stop"]): string[] => [
    ...warningsOf([{ outcome, latencyUs: 1000 }], { stop }, { observation }).keys(),
  ];

  test("no noise and no number of samples is told, but why it was", () => {
    expect(codesOf(503, { code: "initial-error", message: "503" })).toEqual(["scrape-gap", "failures"]);
    // Without any answer it is so without a stop of the driver's.
    expect(codesOf(outcomeOf("timeout"), null)).toEqual(["scrape-gap", "failures"]);
  });

  test("and of one that was ended by -abort-on, or not at all, both are", () => {
    const both = ["noisy-machine", "scrape-gap", "failures", "samples-too-few"];
    expect(codesOf(503, { code: "abort-on", message: "503" })).toEqual(both);
    expect(codesOf(503, null)).toEqual(both);
  });
});
