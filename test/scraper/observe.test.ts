import { describe, expect, it } from "vitest";
import { observe } from "../../src/scraper/observe.ts";
import type { ObserveInput } from "../../src/scraper/observe.ts";
import type { Discovery } from "../../src/scraper/discover.ts";
import { parseHistograms } from "../../src/scraper/histograms.ts";
import { parseListeners } from "../../src/scraper/listener-config.ts";
import type { Moment } from "../../src/scraper/moment.ts";
import { createAdmin } from "../../src/scraper/admin.ts";
import { proveMode } from "../../src/scraper/proof.ts";
import type { ListenerCounts } from "../../src/scraper/stats.ts";
import type { Watched } from "../../src/scraper/watch.ts";
import { recordedJson } from "./recorded.ts";

type WorkerPair = readonly [active: number, opened: number];

function countsOf(requests: number, ...workers: WorkerPair[]): ListenerCounts {
  return {
    connections: workers.reduce((sum, [, opened]) => sum + opened, 0),
    requests,
    workers: new Map(workers.map(([active, opened], id) => [id, { active, opened }])),
  };
}

/** `second` of a load on two cores, in which worker 0 uses half a core and worker 1 a tenth. */
function momentAt(second: number, stolen = 0): Moment {
  return {
    machine: {
      atUs: second * 1e6,
      ticks: { all: second * 200, stolen, used: second * 120 },
      waitedUs: second * 1e5,
      ownUs: second * 1.2e6,
    },
    workerCpuUs: new Map([
      [0, second * 0.5e6],
      [1, second * 0.1e6],
    ]),
  };
}

const listeners = parseListeners(recordedJson("config-dump-2-workers.json"), {
  version: "1.40.0",
  statuses: null,
});

function discoveryOf(name: string): Discovery {
  const listener = listeners.find((each) => each.name === name)!;
  const sockets = { sockets: listener.reusePort ? 2 : 1, descriptors: 2 };
  return {
    admin: createAdmin("http://127.0.0.1:1"),
    server: { version: "1.40.0", concurrency: 2 },
    listener,
    ports: new Set([listener.tcp!.port]),
    pid: 77,
    process: {
      pid: 77,
      command: "envoy",
      isEnvoy: true,
      workers: new Map(
        [0, 1].map((id) => [
          id,
          {
            id,
            pid: 77,
            thread: 78 + id,
            wholeProcess: false,
            epoll: null,
            name: `wrk:worker_${id}`,
          },
        ]),
      ),
      table: [],
      pipes: [],
      descriptors: [],
      sameNetwork: true,
    },
    hidden: null,
    proof: proveMode({ listener, sockets, workers: 2, updatedInPlace: false, obstacle: null }),
    obstacles: [],
  };
}

const before = countsOf(100, [0, 10], [0, 20]);

/** Four seconds, an answer each, the same one after the burst of connections. */
function watchedWith(after: ListenerCounts, changes: Partial<Watched> = {}): Watched {
  return {
    begun: momentAt(10),
    ended: momentAt(14),
    answers: [10, 11, 12, 13, 14].map((second) => ({ atUs: second * 1e6, counts: after })),
    flushed: null,
    seconds: [],
    shares: [],
    lastError: null,
    ...changes,
  };
}

function observeWith(changes: Partial<ObserveInput> = {}): ReturnType<typeof observe> {
  return observe({
    asked: "default",
    found: discoveryOf("default"),
    before,
    times: null,
    watched: watchedWith(countsOf(5100, [7, 17], [25, 45])),
    intervalMs: 1000,
    ...changes,
  });
}

describe("observe", () => {
  it("counts from the start of the scraper to its stop, and CPU over the load alone", () => {
    const observation = observeWith();
    expect(observation.counted).toEqual({ connections: 32, requests: 5000 });
    expect(observation.workers).toEqual([
      { id: 0, cpuPercent: 50, connectionsOpened: 7, dispatcher: null },
      { id: 1, cpuPercent: 10, connectionsOpened: 25, dispatcher: null },
    ]);
    expect(observation.envoy).toEqual({ version: "1.40.0", concurrency: 2 });
    expect(observation.proof.inEffect).toBe("default");
    expect(observation.warnings).toEqual([]);
  });

  it("takes the delay of each worker from the flushed histograms", () => {
    const flushed = {
      first: parseHistograms(recordedJson("dispatcher-before.json")),
      last: parseHistograms(recordedJson("dispatcher-after.json")),
    };
    const { workers } = observeWith({ watched: watchedWith(before, { flushed }) });
    expect(workers[0]?.dispatcher?.loopDurationP50Us).toBe(33.5);
    expect(workers[1]?.dispatcher).toBeNull();
  });

  it("counts nothing where Envoy was restarted in the middle, and says so", () => {
    const reset = countsOf(3, [1, 1], [1, 1]);
    const later = countsOf(9000, [9, 99], [9, 99]);
    const answers = [before, reset, later].map((counts, i) => ({ atUs: (10 + 2 * i) * 1e6, counts }));
    const { counted, workers, warnings } = observeWith({ watched: watchedWith(later, { answers }) });
    expect(counted).toEqual({ connections: null, requests: null });
    expect(workers.map(({ connectionsOpened }) => connectionsOpened)).toEqual([null, null]);
    expect(warnings.map(({ code, message }) => [code, message.slice(0, 31)])).toEqual([
      ["scrape-gap", "Envoy's counters went backwards"],
    ]);
  });

  it("warns where the listener is configured for another mode than the one asked for", () => {
    const { warnings } = observeWith({ asked: "reuse_port" });
    expect(warnings.map(({ code }) => code)).toEqual(["mode-not-in-effect"]);
  });

  it("takes exact_balance back where two equal answers show another placement", () => {
    const asked = "exact_balance";
    const found = discoveryOf("exact_balance");
    const { proof, warnings } = observeWith({ asked, found });
    expect(proof).toMatchObject({ configured: "exact_balance", inEffect: "default" });
    expect(warnings.map(({ code }) => code)).toEqual(["mode-not-in-effect"]);
    const even = observeWith({ asked, found, watched: watchedWith(countsOf(5100, [16, 26], [16, 36])) });
    expect(even.proof.inEffect).toBe("exact_balance");
    expect(even.warnings).toEqual([]);
  });

  it("does not judge the placement by an answer from the middle of a burst", () => {
    const found = discoveryOf("exact_balance");
    const answers = [
      { atUs: 10e6, counts: countsOf(100, [9, 19], [2, 22]) },
      ...watchedWith(countsOf(5100, [16, 26], [16, 36])).answers,
    ];
    const watched = watchedWith(before, { answers });
    expect(observeWith({ asked: "exact_balance", found, watched }).proof.inEffect).toBe("exact_balance");
  });

  it("tells how long the admin was silent, and that everything is unknown where it never answered", () => {
    const early = [{ atUs: 13e6, counts: countsOf(4000, [5, 15], [5, 25]) }];
    expect(observeWith({ watched: watchedWith(before, { answers: early }) }).counted.requests).toBeNull();
    const { warnings, counted } = observeWith({
      watched: watchedWith(before, { answers: [], lastError: "connect ECONNREFUSED" }),
    });
    expect(counted).toEqual({ connections: null, requests: null });
    expect(warnings.map(({ message }) => message)).toEqual([
      "No /stats for 4.00 s from second 0: connect ECONNREFUSED",
    ]);
  });

  it("says what to do where Envoy keeps its workers' counters to itself", () => {
    const nothing: ListenerCounts = { connections: null, requests: null, workers: new Map() };
    const { warnings, workers } = observeWith({ before: nothing, watched: watchedWith(nothing) });
    expect(warnings.map(({ code }) => code)).toEqual(["workers-unseen"]);
    expect(warnings[0]?.message).toContain("`listener.default.worker_N`");
    const hidden = { cause: "a matcher", remedy: "These lines." };
    const found = { ...discoveryOf("default"), hidden };
    const told = observeWith({ found, before: nothing, watched: watchedWith(nothing) }).warnings[0];
    expect([told?.message.endsWith(": a matcher"), told?.hint]).toEqual([true, "These lines."]);
    expect(workers.map(({ id, cpuPercent }) => [id, cpuPercent])).toEqual([
      [0, 50],
      [1, 10],
    ]);
  });

  it("notices a process that ended, and a noisy machine", () => {
    const ended = { ...momentAt(14, 40), workerCpuUs: new Map<number, number>() };
    const { warnings, workers } = observeWith({ watched: watchedWith(before, { ended }) });
    expect(workers.map(({ cpuPercent }) => cpuPercent)).toEqual([null, null]);
    expect(warnings.map(({ code, message }) => [code, message])).toEqual([
      ["workers-unseen", "Process 77 (envoy) ended during the load"],
      ["noisy-machine", "The hypervisor took 5.0 % of the CPU time, 5.0 % in the worst second"],
    ]);
  });

  it("has an empty observation and one warning without admin and process", () => {
    const found: Discovery = {
      ...discoveryOf("default"),
      admin: null,
      server: null,
      listener: null,
      process: null,
    };
    const nothing: ListenerCounts = { connections: null, requests: null, workers: new Map() };
    const unseen = { ...momentAt(0), workerCpuUs: new Map<number, number>() };
    const watched = watchedWith(nothing, {
      begun: unseen,
      ended: { ...unseen, machine: momentAt(4).machine },
    });
    const observation = observeWith({ asked: null, found, before: nothing, watched });
    expect(observation).toMatchObject({ envoy: null, workers: [], counted: { connections: null } });
    expect(observation.warnings.map(({ code }) => code)).toEqual(["workers-unseen"]);
  });
});
