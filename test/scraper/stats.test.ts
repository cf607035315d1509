import { describe, expect, it } from "vitest";
import {
  activeFilter,
  countedBetween,
  listenerFilter,
  parseCounter,
  parseListenerCounts,
  wentBackwards,
} from "../../src/scraper/stats.ts";
import type { ListenerCounts } from "../../src/scraper/stats.ts";
import { recordedJson } from "./recorded.ts";

const four = recordedJson("stats-4-workers.json");
const two = recordedJson("stats-2-workers.json");
const names = (four as { stats: { name: string }[] }).stats.map(({ name }) => name);

function selected(name: string): string[] {
  return names.filter((stat) => new RegExp(listenerFilter(name)).test(stat));
}

function countsOf(connections: number | null, opened: number): ListenerCounts {
  return { connections, requests: null, workers: new Map([[0, { active: 1, opened }]]) };
}

describe("parseListenerCounts", () => {
  it("reads what Envoy counted for one listener and each of its workers", () => {
    expect(parseListenerCounts(four, "reuse_port")).toEqual({
      connections: 9,
      requests: 9,
      workers: new Map([
        [0, { active: 4, opened: 4 }],
        [1, { active: 1, opened: 1 }],
        [2, { active: 1, opened: 1 }],
        [3, { active: 3, opened: 3 }],
      ]),
    });
    expect(parseListenerCounts(two, "default")).toEqual({
      connections: 137,
      requests: 3849,
      workers: new Map([
        [0, { active: 9, opened: 70 }],
        [1, { active: 0, opened: 67 }],
      ]),
    });
  });

  it("finds a listener that goes by its IPv6 address", () => {
    const counts = parseListenerCounts(two, "[__1]_29115");
    expect(counts.connections).toBe(35);
    expect(counts.requests).toBe(963);
    expect([...counts.workers.values()]).toEqual([
      { active: 1, opened: 12 },
      { active: 2, opened: 23 },
    ]);
  });

  it("adds the requests of all HTTP filters of a listener, and none of another listener", () => {
    const stats = [
      { name: "listener.a.http.one.downstream_rq_completed", value: 5 },
      { name: "listener.a.http.two.downstream_rq_completed", value: 7 },
      { name: "listener.a.b.http.one.downstream_rq_completed", value: 100 },
      { name: "http.one.downstream_rq_total", value: 1000 },
    ];
    expect(parseListenerCounts({ stats }, "a").requests).toBe(12);
  });

  it("has nulls and no workers for what Envoy does not show", () => {
    const nothing = { connections: null, requests: null, workers: new Map() };
    expect(parseListenerCounts(four, "absent")).toEqual(nothing);
    for (const foreign of [
      null,
      "text",
      {},
      { stats: {} },
      { stats: [null, { name: 1 }, { histograms: {} }] },
    ])
      expect(parseListenerCounts(foreign, "default")).toEqual(nothing);
    const partly = { stats: [{ name: "listener.a.worker_2.downstream_cx_total", value: 3 }] };
    expect(parseListenerCounts(partly, "a").workers).toEqual(new Map([[2, { active: null, opened: 3 }]]));
  });
});

describe("the filters", () => {
  it("select the recorded stats of the one listener, brackets and dots taken literally", () => {
    expect(selected("reuse_port")).toHaveLength(11);
    expect(selected("[__1]_29125")).toHaveLength(11);
    expect(selected("reuse.port")).toEqual([]);
    const filter = new RegExp(listenerFilter("a"));
    expect(filter.test("listener.a.worker_0.downstream_cx_total_more")).toBe(false);
    expect(filter.test("listener.a.downstream_cx_length_ms")).toBe(false);
  });

  it("select the connections now of every worker of every listener", () => {
    expect(names.filter((stat) => new RegExp(activeFilter).test(stat))).toHaveLength(16);
  });
});

describe("what lies between two readings", () => {
  it("is a difference, or null where either is missing or the later is lower", () => {
    expect(countedBetween(3, 10)).toBe(7);
    expect(countedBetween(3, 3)).toBe(0);
    expect(countedBetween(10, 3)).toBeNull();
    expect(countedBetween(null, 3)).toBeNull();
    expect(countedBetween(3, null)).toBeNull();
  });

  it("went backwards where any counter is lower, and not where one vanished", () => {
    expect(wentBackwards(countsOf(5, 5), countsOf(5, 5))).toBe(false);
    expect(wentBackwards(countsOf(5, 5), countsOf(4, 5))).toBe(true);
    expect(wentBackwards(countsOf(5, 5), countsOf(6, 4))).toBe(true);
    expect(wentBackwards(countsOf(5, 5), countsOf(null, 6))).toBe(false);
    expect(wentBackwards(countsOf(5, 5), { ...countsOf(5, 5), workers: new Map() })).toBe(false);
  });

  it("finds a single counter by its whole name", () => {
    const stats = { stats: [{ name: "listener_manager.listener_in_place_updated", value: 1 }] };
    expect(parseCounter(stats, "listener_manager.listener_in_place_updated")).toBe(1);
    expect(parseCounter(stats, "listener_in_place_updated")).toBeNull();
  });
});
