import { describe, expect, it } from "vitest";
import { parseListeners } from "../../src/scraper/listener-config.ts";
import type { ConfiguredListener } from "../../src/scraper/listener-config.ts";
import { countListening, placedEvenly, proveMode, reviseProof } from "../../src/scraper/proof.ts";
import type { Evidence } from "../../src/scraper/proof.ts";
import type { ModeProof } from "../../src/result/result.ts";
import { listeningOn } from "../../src/scraper/sockets-table.ts";
import type { ListenerCounts } from "../../src/scraper/stats.ts";
import { recordedJson, recordedSockets } from "./recorded.ts";

function listenersOf(file: string, statuses: unknown = null): ConfiguredListener[] {
  return parseListeners(recordedJson(file), { version: "1.40.0", statuses });
}

function prove(evidence: Partial<Evidence>): ModeProof {
  return proveMode({
    listener: null,
    sockets: null,
    workers: 2,
    updatedInPlace: false,
    obstacle: null,
    ...evidence,
  });
}

function recordedProofs(workers: 2 | 4): ModeProof[] {
  const { table, descriptors } = recordedSockets(workers);
  return listenersOf(`config-dump-${workers}-workers.json`).map((listener) =>
    prove({ listener, workers, sockets: countListening(listeningOn(table, [listener.tcp!]), descriptors) }),
  );
}

const listeners = listenersOf("config-dump-2-workers.json");
const named = (name: string): ConfiguredListener => listeners.find((listener) => listener.name === name)!;
const lds = listenersOf("config-dump-lds.json", recordedJson("listeners-lds.json"));
const dynamic = (name: string): ConfiguredListener => lds.find((listener) => listener.name === name)!;

function summary({ listener, configured, inEffect, reusePort, sockets, descriptors }: ModeProof): string {
  return [listener, configured, inEffect, reusePort, sockets, descriptors].join(" ");
}

describe("proveMode", () => {
  it("is right for every listener of the recorded Envoys", () => {
    expect(recordedProofs(2).map(summary)).toEqual([
      "default default default false 1 2",
      "reuse_port reuse_port reuse_port true 2 2",
      "exact_balance exact_balance exact_balance false 1 2",
      "absent reuse_port reuse_port true 2 2",
      "istio_like exact_balance exact_balance true 2 2",
      "six reuse_port reuse_port true 2 2",
      "six_any default default false 1 2",
    ]);
    expect(recordedProofs(4).map(summary)).toEqual([
      "default default default false 1 4",
      "reuse_port reuse_port reuse_port true 4 4",
      "exact_balance exact_balance exact_balance false 1 4",
      "absent reuse_port reuse_port true 4 4",
      "istio_like exact_balance exact_balance true 4 4",
      "six reuse_port reuse_port true 4 4",
      "six_any default default false 1 4",
    ]);
  });

  it("believes the kernel where it contradicts the configuration", () => {
    const one = { sockets: 1, descriptors: 2 };
    const two = { sockets: 2, descriptors: 2 };
    expect(prove({ listener: named("reuse_port"), sockets: one }).inEffect).toBe("default");
    expect(prove({ listener: named("default"), sockets: two }).inEffect).toBe("reuse_port");
  });

  it("needs no descriptors to see one socket or several", () => {
    const one = prove({ listener: named("default"), sockets: { sockets: 1, descriptors: null } });
    const two = prove({ listener: named("default"), sockets: { sockets: 2, descriptors: null } });
    expect(one).toMatchObject({ inEffect: "default", descriptors: null });
    expect(two.inEffect).toBe("reuse_port");
  });

  it("takes the configuration's word with one worker, where all modes are the same", () => {
    const proof = prove({
      listener: named("reuse_port"),
      workers: 1,
      sockets: { sockets: 1, descriptors: 1 },
    });
    expect(proof).toMatchObject({ inEffect: "reuse_port", reusePort: true });
    expect(proof.reason).toContain("one worker");
  });

  it("cannot tell default from reuse_port without the sockets, and says why", () => {
    const proof = prove({ listener: named("default"), obstacle: "there is no process 7 on this machine" });
    expect(proof).toMatchObject({ configured: "default", inEffect: null, sockets: null });
    expect(proof.reason).toBe("there is no process 7 on this machine");
    expect(prove({ listener: named("exact_balance") }).inEffect).toBe("exact_balance");
  });

  it("tells from sockets alone whether ports are reused, and no mode", () => {
    const proof = prove({ sockets: { sockets: 4, descriptors: 4 }, workers: 4 });
    expect(proof).toMatchObject({ configured: null, inEffect: null, reusePort: true, sockets: 4 });
  });

  it("sees nothing in effect where the process does not listen, or the listener is not active", () => {
    const unheard = prove({ listener: named("default"), sockets: { sockets: 0, descriptors: 0 } });
    expect(unheard.inEffect).toBeNull();
    expect(unheard.reason).toBe("the process does not listen on 127.0.0.1:29110");
    const warming = { ...dynamic("dyn"), state: "warming" as const, problem: "it is still warming" };
    expect(prove({ listener: warming, sockets: { sockets: 1, descriptors: 2 } })).toMatchObject({
      configured: "default",
      inEffect: null,
    });
  });

  it("does not believe a configuration of exact_balance that may have come by an update in place", () => {
    const sockets = { sockets: 2, descriptors: 4 };
    const doubted = prove({ listener: dynamic("dyn_exact"), sockets, updatedInPlace: true });
    expect(doubted).toMatchObject({ configured: "exact_balance", inEffect: null, reusePort: true });
    expect(doubted.reason).toContain("in place");
    expect(prove({ listener: dynamic("dyn_exact"), sockets }).inEffect).toBe("exact_balance");
    expect(prove({ listener: named("exact_balance"), sockets, updatedInPlace: true }).inEffect).toBe(
      "exact_balance",
    );
  });

  it("believes cpu_locality_balance only where every worker has a CPU and a socket, and no log denies it", () => {
    const listener = dynamic("cpu");
    const sockets = { sockets: 2, descriptors: 2 };
    const judged = (over: Partial<Evidence>): [string | null, string] => {
      const { inEffect, reason } = prove({ listener, sockets, pinned: 2, ...over });
      return [inEffect, reason];
    };
    expect(judged({})[0]).toBe("cpu_locality_balance");
    expect(judged({ sockets: null })[0]).toBe("cpu_locality_balance");
    expect(judged({ pinned: 0 })).toEqual([
      "reuse_port",
      expect.stringContaining("0 of 2 workers are pinned"),
    ]);
    expect(judged({ steeringDenied: true })).toEqual(["reuse_port", expect.stringContaining("log says")]);
    expect(judged({ sockets: { sockets: 1, descriptors: 2 } })[0]).toBe("default");
    expect(judged({ pinned: null })).toEqual([null, expect.stringContaining("is not known")]);
  });

  it("has no mode for other kinds of listeners", () => {
    expect(prove({ listener: dynamic("quic_like") }).reason).toBe(
      "udp 127.0.0.1:29130 is neither TCP nor a Unix domain socket",
    );
    expect(prove({ listener: dynamic("unbound") }).reason).toContain("bind_to_port: false");
  });
});

describe("countListening", () => {
  it("counts all sockets on the address where descriptors are out of sight, and no connections", () => {
    const { table } = recordedSockets(2);
    const on = (port: number, host = "127.0.0.1") =>
      countListening(listeningOn(table, [{ host, port }]), null);
    expect(on(29_110)).toEqual({ sockets: 1, descriptors: null });
    expect(on(29_111)).toEqual({ sockets: 2, descriptors: null });
    expect(on(29_115, "::1").sockets).toBe(2);
    expect(on(29_111, "0.0.0.0").sockets).toBe(0);
  });

  it("leaves out sockets of another process on the same address", () => {
    const { table, descriptors } = recordedSockets(4);
    const first = table.find(({ localPort, state }) => localPort === 29_121 && state === "LISTEN");
    const less = descriptors.filter((inode) => inode !== first!.inode);
    const inodes = listeningOn(table, [{ host: "127.0.0.1", port: 29_121 }]);
    expect(countListening(inodes, less)).toEqual({
      sockets: 3,
      descriptors: 3,
    });
  });
});

const counts = (...workers: [active: number, opened: number][]): ListenerCounts => ({
  connections: null,
  requests: null,
  workers: new Map(workers.map(([active, opened], id) => [id, { active, opened }])),
});

describe("placedEvenly", () => {
  it("holds where each connection went to a worker with the fewest", () => {
    expect(placedEvenly(counts([0, 5], [0, 9]), counts([5, 10], [4, 13]))).toBe(true);
    // Worker 0 had 6 already: it got none until worker 1 had as many.
    expect(placedEvenly(counts([6, 6], [0, 0]), counts([6, 6], [5, 5]))).toBe(true);
  });

  it("does not hold where a worker got one while another had fewer", () => {
    expect(placedEvenly(counts([0, 0], [0, 0]), counts([6, 6], [15, 15]))).toBe(false);
    expect(placedEvenly(counts([6, 6], [0, 0]), counts([8, 8], [3, 3]))).toBe(false);
    expect(placedEvenly(counts([0, 0], [0, 0]), counts([5, 5], [3, 3]))).toBe(false);
  });

  it("cannot be told where connections closed, were few, or are not counted", () => {
    expect(placedEvenly(counts([0, 0], [0, 0]), counts([0, 200], [0, 0]))).toBeNull();
    expect(placedEvenly(counts([0, 0], [0, 0]), counts([3, 3], [0, 0]))).toBeNull();
    expect(placedEvenly(counts([0, 0]), counts([9, 9]))).toBeNull();
    expect(placedEvenly(counts(), counts([9, 9], [1, 1]))).toBeNull();
  });
});

describe("reviseProof", () => {
  const exact = prove({ listener: named("istio_like"), sockets: { sockets: 2, descriptors: 2 } });

  it("takes the mode back where connections were seen to be placed otherwise", () => {
    const revised = reviseProof(exact, false);
    expect(revised).toMatchObject({ configured: "exact_balance", inEffect: "reuse_port" });
    expect(revised.reason).toMatch(/^the connections of this run were not placed/);
    expect(reviseProof(prove({ listener: named("exact_balance") }), false).inEffect).toBe("default");
  });

  it("proves nothing by an even placement, which may be chance", () => {
    const doubted = prove({ listener: dynamic("dyn_exact"), updatedInPlace: true });
    expect(reviseProof(doubted, true).inEffect).toBeNull();
    expect(reviseProof(exact, true).inEffect).toBe("exact_balance");
  });

  it("leaves other modes alone", () => {
    const proof = prove({ listener: named("default"), sockets: { sockets: 1, descriptors: 2 } });
    expect(reviseProof(proof, false)).toBe(proof);
    expect(reviseProof(exact, null)).toBe(exact);
  });
});
