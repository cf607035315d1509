import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Watch } from "../../src/scraper/watch.ts";
import type { Histograms } from "../../src/scraper/histograms.ts";
import type { Moment } from "../../src/scraper/moment.ts";
import type { ListenerCounts } from "../../src/scraper/stats.ts";

// Only the clock is not the real one: a load of seconds takes no time, and worker 0 uses a quarter of a core.
beforeEach(() => vi.useFakeTimers({ now: 0 }));
afterEach(() => vi.useRealTimers());

function momentNow(): Moment {
  const atUs = Date.now() * 1e3;
  const ticks = { all: atUs / 5e3, stolen: atUs / 5e4, used: 0 };
  return { machine: { atUs, ticks, waitedUs: atUs / 2, ownUs: 0 }, workerCpuUs: new Map([[0, atUs / 4]]) };
}

function countsNow(): ListenerCounts {
  const opened = Date.now();
  return { connections: opened, requests: null, workers: new Map([[0, { active: 3, opened }]]) };
}

/** Envoy's histograms, flushed every 2.5 s: one turn a millisecond. */
function histogramsNow(): Histograms {
  const bins = [{ lower: 1, width: 0.1, count: Math.floor(Date.now() / 2500) * 2500 }];
  return new Map([["loop_duration_us", bins]]);
}

/** An admin that takes 10 ms to answer. */
async function slowCounts(): Promise<ListenerCounts> {
  await new Promise((resolve) => setTimeout(resolve, 10));
  return countsNow();
}

async function failingAt2s(): Promise<ListenerCounts> {
  if (Date.now() === 2000) throw new Error("gone");
  return countsNow();
}

async function stuckAt1s(): Promise<ListenerCounts> {
  if (Date.now() === 1000) await new Promise((resolve) => setTimeout(resolve, 2300));
  return countsNow();
}

const reliable = {
  readMoment: momentNow,
  nowUs: () => Date.now() * 1e3,
  readCounts: () => Promise.resolve(countsNow()),
  readHistograms: () => Promise.resolve(histogramsNow()),
  intervalMs: 1000,
};

describe("Watch", () => {
  it("beats once an interval from the start of the load, whenever it was made", async () => {
    const watch = new Watch(reliable);
    await vi.advanceTimersByTimeAsync(730);
    watch.begin();
    expect(watch.latest()).toBeNull();
    await vi.advanceTimersByTimeAsync(3100);
    const watched = await watch.end();
    expect(watched.seconds.map(({ atUs }) => atUs)).toEqual([1.73e6, 2.73e6, 3.73e6]);
    expect(watched.begun.machine.atUs).toBe(0.73e6);
    expect(watched.ended.machine.atUs).toBe(3.83e6);
    expect(watched.seconds[1]).toEqual({
      atUs: 2.73e6,
      workers: [{ id: 0, connections: 3, cpuPercent: 25 }],
      steal: 0.1,
      cpuPressure: 0.5,
    });
    expect(watch.latest()).toBe(watched.seconds[2]);
  });

  it("adds what is left of a second at the end, where it is more than noise", async () => {
    const watch = new Watch(reliable);
    watch.begin();
    await vi.advanceTimersByTimeAsync(1400);
    expect((await watch.end()).seconds.map(({ atUs }) => atUs)).toEqual([1e6, 1.4e6]);
  });

  it("reads the counters at the start, at each beat, and twice at the end", async () => {
    const watch = new Watch(reliable);
    watch.begin();
    await vi.advanceTimersByTimeAsync(2000);
    const { answers } = await watch.end();
    expect(answers.map(({ counts }) => counts.connections)).toEqual([0, 1000, 2000, 2000, 2000]);
  });

  it("keeps beating through an admin that fails, with nulls for what it did not say", async () => {
    const watch = new Watch({ ...reliable, readCounts: failingAt2s });
    watch.begin();
    await vi.advanceTimersByTimeAsync(3000);
    const watched = await watch.end();
    expect(watched.seconds.map(({ workers }) => workers[0]?.connections)).toEqual([3, null, 3]);
    expect(watched.seconds[1]?.workers[0]?.cpuPercent).toBe(25);
    expect(watched.lastError).toBe("gone");
    expect(watched.answers.map(({ atUs }) => atUs)).toEqual([0, 1e6, 3e6, 3e6, 3e6]);
  });

  it("does not ask again while an answer is on its way, and falls in with the beat after", async () => {
    const watch = new Watch({ ...reliable, readCounts: stuckAt1s });
    watch.begin();
    await vi.advanceTimersByTimeAsync(5000);
    const { seconds } = await watch.end();
    expect(seconds.map(({ atUs }) => atUs)).toEqual([1e6, 4e6, 5e6]);
    // The second that took three is told as such: a quarter of the time since the beat before.
    expect(seconds[1]?.workers[0]?.cpuPercent).toBe(25);
  });

  it("takes histograms from the first flush within the load to the last", async () => {
    const watch = new Watch(reliable);
    await vi.advanceTimersByTimeAsync(1000);
    watch.begin();
    await vi.advanceTimersByTimeAsync(10_000);
    const { flushed } = await watch.end();
    // Flushes at 2.5, 5, 7.5 and 10 s of the clock; the load lasts from 1 to 11.
    expect(flushed?.first.get("loop_duration_us")?.[0]?.count).toBe(2500);
    expect(flushed?.last.get("loop_duration_us")?.[0]?.count).toBe(10_000);
  });

  it("has no histograms where Envoy did not flush within the load, or has none", async () => {
    const watch = new Watch(reliable);
    watch.begin();
    await vi.advanceTimersByTimeAsync(2000);
    expect((await watch.end()).flushed).toBeNull();
    const without = new Watch({ ...reliable, readHistograms: () => Promise.reject(new Error("no")) });
    without.begin();
    await vi.advanceTimersByTimeAsync(6000);
    expect((await without.end()).flushed).toBeNull();
  });

  it("sees no load where begin never came, but the counts at its end; and is deaf to one too late", async () => {
    const watch = new Watch(reliable);
    await vi.advanceTimersByTimeAsync(1500);
    const watched = await watch.end();
    expect([watched.begun.machine.atUs, watched.ended.machine.atUs]).toEqual([1.5e6, 1.5e6]);
    expect(watched.seconds).toEqual([]);
    expect(watched.answers.map(({ atUs }) => atUs)).toEqual([1.5e6, 1.5e6]);
    watch.begin();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("leaves no timer when it is cancelled in the middle of a beat", async () => {
    const watch = new Watch({ ...reliable, readCounts: slowCounts });
    watch.begin();
    await vi.advanceTimersByTimeAsync(1005);
    watch.cancel();
    await vi.advanceTimersByTimeAsync(100);
    expect(vi.getTimerCount()).toBe(0);
  });
});
