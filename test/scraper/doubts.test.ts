import { describe, expect, it } from "vitest";
import type { ModeProof } from "../../src/result/result.ts";
import { gapWarning, modeWarning, restartWarning, unseenWarnings } from "../../src/scraper/doubts.ts";
import type { ListenerCounts } from "../../src/scraper/stats.ts";

/** Answers at these seconds of a load of 10 s, scraped every second. */
function gapOf(answeredAtS: readonly number[], lastError: string | null = null): string | null {
  const answeredAtUs = answeredAtS.map((second) => 500e6 + second * 1e6);
  const times = { beganAtUs: 500e6, endedAtUs: 510e6, answeredAtUs, intervalUs: 1e6, lastError };
  return gapWarning(times)?.message ?? null;
}

describe("gapWarning", () => {
  it("is silent while answers come about once an interval", () => {
    expect(gapOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toBeNull();
    expect(gapOf([1, 3, 5, 7, 9])).toBeNull();
  });

  it("tells how long the silence was, from when, and what the admin said", () => {
    expect(gapOf([0, 1, 2, 3, 6.2, 7, 8, 9, 10], "connect ECONNREFUSED")).toBe(
      "No /stats for 3.20 s from second 3: connect ECONNREFUSED",
    );
  });

  it("sees silence at the start, at the end, and throughout", () => {
    expect(gapOf([2.5, 3, 4, 5, 6, 7, 8, 9])).toBe("No /stats for 2.50 s from second 0");
    expect(gapOf([1, 2, 3, 4, 5, 6])).toBe("No /stats for 4.00 s from second 6");
    expect(gapOf([])).toBe("No /stats for 10.0 s from second 0");
  });

  it("names the longest of several", () => {
    expect(gapOf([3, 4, 5, 9, 10])).toBe("No /stats for 4.00 s from second 5, the longest of 2 gaps");
  });
});

function proofOf(configured: ModeProof["configured"], inEffect: ModeProof["inEffect"]): ModeProof {
  return {
    listener: "a",
    configured,
    inEffect,
    reusePort: null,
    sockets: null,
    descriptors: null,
    reason: "seen",
  };
}

describe("modeWarning", () => {
  it("is silent where all agree, or nothing is known to differ", () => {
    expect(modeWarning("reuse_port", proofOf("reuse_port", "reuse_port"))).toBeNull();
    expect(modeWarning(null, proofOf("reuse_port", "reuse_port"))).toBeNull();
    expect(modeWarning("reuse_port", proofOf(null, null))).toBeNull();
    expect(modeWarning("reuse_port", proofOf("reuse_port", null))).toBeNull();
    expect(modeWarning(null, proofOf(null, "default"))).toBeNull();
  });

  it("tells what was asked for from what is configured", () => {
    const warning = modeWarning("exact_balance", proofOf("default", "default"));
    expect(warning?.code).toBe("mode-not-in-effect");
    expect(warning?.message).toBe(
      "exact_balance is asked for, but the listener is configured as default (shared socket) (seen)",
    );
  });

  it("tells what is configured, or asked for, from what is in effect", () => {
    expect(modeWarning("default", proofOf("default", "reuse_port"))?.message).toBe(
      "default (shared socket) is configured, but reuse_port is in effect (seen)",
    );
    expect(modeWarning("reuse_port", proofOf(null, "default"))?.message).toBe(
      "reuse_port is asked for, but default (shared socket) is in effect (seen)",
    );
  });

  it("warns of connections placed otherwise even where the mode in effect has no name", () => {
    expect(modeWarning(null, proofOf("exact_balance", null), true)?.message).toBe(
      "exact_balance is configured, and not in effect (seen)",
    );
  });
});

function countsOf(connections: number, ...ids: number[]): ListenerCounts {
  return {
    connections,
    requests: null,
    workers: new Map(ids.map((id) => [id, { active: 0, opened: connections }])),
  };
}

describe("restartWarning", () => {
  it("is silent while counters rise and workers stay", () => {
    expect(restartWarning(countsOf(1, 0, 1), countsOf(5, 0, 1))).toBeNull();
  });

  it("warns of counters that went backwards", () => {
    expect(restartWarning(countsOf(5, 0, 1), countsOf(1, 0, 1))).toMatchObject({
      code: "scrape-gap",
      message: "Envoy's counters went backwards: it was restarted meanwhile, or its counters were reset",
    });
  });

  it("warns of workers that came or went", () => {
    expect(restartWarning(countsOf(5, 0, 1), countsOf(5, 0, 1, 2, 3))?.message).toBe(
      "Envoy's workers changed from 0, 1 to 0, 1, 2, 3 meanwhile",
    );
    expect(restartWarning(countsOf(5, 0), countsOf(5))?.message).toContain("from 0 to none");
  });
});

it("has a warning for each thing out of sight", () => {
  expect(unseenWarnings(["the descriptors are hidden"])).toMatchObject([
    { code: "workers-unseen", message: "The descriptors are hidden" },
  ]);
});
