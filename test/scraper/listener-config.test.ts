import { describe, expect, it } from "vitest";
import { parseListeners } from "../../src/scraper/listener-config.ts";
import type { ConfiguredListener } from "../../src/scraper/listener-config.ts";
import { recordedJson, recordedText } from "./recorded.ts";

const fixed = parseListeners(recordedJson("config-dump-2-workers.json"), {
  version: "1.40.0",
  statuses: null,
});
const lds = parseListeners(recordedJson("config-dump-lds.json"), {
  version: "1.40.0",
  statuses: recordedJson("listeners-lds.json"),
});

function one(listeners: readonly ConfiguredListener[], name: string): ConfiguredListener {
  return listeners.find((listener) => listener.name === name)!;
}

/** A dump with one static listener on 127.0.0.1:80. */
function dumpOf(listener: object): unknown {
  const address = { socket_address: { address: "127.0.0.1", port_value: 80 } };
  return { configs: [{ static_listeners: [{ listener: { name: "a", address, ...listener } }] }] };
}

function modeOf(listener: object, version = "1.40.0"): ConfiguredListener["mode"] {
  return parseListeners(dumpOf(listener), { version, statuses: null })[0]!.mode;
}

describe("static listeners", () => {
  it("have the mode that they are configured for, and reuse_port where nothing is said", () => {
    expect(fixed.map(({ name, mode, reusePort }) => [name, mode, reusePort])).toEqual([
      ["default", "default", false],
      ["reuse_port", "reuse_port", true],
      ["exact_balance", "exact_balance", false],
      ["absent", "reuse_port", true],
      ["istio_like", "exact_balance", true],
      ["six", "reuse_port", true],
      ["six_any", "default", false],
    ]);
  });

  it("go by their stat_prefix within stats, otherwise by their address as Envoy writes it there", () => {
    expect(fixed.map(({ address, statName }) => [address, statName])).toEqual([
      ["127.0.0.1:29110", "default"],
      ["127.0.0.1:29111", "reuse_port"],
      ["127.0.0.1:29112", "exact_balance"],
      ["127.0.0.1:29113", "127.0.0.1_29113"],
      ["0.0.0.0:29114", "0.0.0.0_29114"],
      ["[::1]:29115", "[__1]_29115"],
      ["[::]:29116", "[__]_29116"],
    ]);
  });

  it("did not reuse ports by default before Envoy 1.20", () => {
    expect(modeOf({}, "1.19.5")).toBe("default");
    expect(modeOf({}, "1.20.0")).toBe("reuse_port");
    expect(modeOf({}, "2.0.0")).toBe("reuse_port");
    expect(modeOf({}, "unknown")).toBe("reuse_port");
    expect(modeOf({ reuse_port: true }, "1.19.5")).toBe("reuse_port");
  });

  it("may write enable_reuse_port as a wrapped value", () => {
    expect(modeOf({ enable_reuse_port: { value: false } })).toBe("default");
    expect(modeOf({ enable_reuse_port: { value: true } })).toBe("reuse_port");
    expect(modeOf({ enable_reuse_port: {} })).toBe("default");
  });
});

describe("listeners by LDS", () => {
  it("tell of an update that was rejected, and what is active instead", () => {
    expect(one(lds, "dyn")).toMatchObject({
      mode: "default",
      dynamic: true,
      state: "active",
      problem: "its last update was rejected: Listener dyn: reuse port cannot be changed during an update",
    });
  });

  it("leave out an entry that has nothing but an error", () => {
    expect(lds.map(({ name }) => name)).toEqual([
      "",
      "quic_like",
      "uds",
      "cpu",
      "dyn",
      "dyn_exact",
      "zero",
      "unbound",
    ]);
  });

  it("have the port that was really bound, and the configured one within stats", () => {
    expect(one(lds, "zero")).toMatchObject({ tcp: { port: 41_933 }, statName: "127.0.0.1_0" });
  });

  it("know that one without a socket is bound to none", () => {
    expect(one(lds, "unbound")).toMatchObject({ bound: false, mode: "exact_balance" });
    expect(one(lds, "dyn").bound).toBe(true);
  });

  it("have no mode where another balancer decides, or where it is UDP", () => {
    expect(one(lds, "cpu")).toMatchObject({ mode: "cpu_locality_balance", problem: null });
    const extended = parseListeners(
      JSON.parse(recordedText("config-dump-lds.json").replace("cpu_locality_balance", "extend_balance")),
      { version: "1.40.0", statuses: null },
    ).find(({ name }) => name === "cpu");
    expect(extended).toMatchObject({ mode: null, problem: expect.stringContaining("extend_balance") });
    expect(one(lds, "quic_like")).toMatchObject({ mode: null, tcp: null, address: "udp 127.0.0.1:29130" });
  });

  it("share the one socket of a path, unless Envoy balances", () => {
    expect(one(lds, "uds")).toMatchObject({
      mode: "default",
      reusePort: false,
      tcp: null,
      pipe: "/run/envoy.sock",
      address: "pipe /run/envoy.sock",
      statName: "/run/envoy.sock",
    });
    const listener = {
      address: { pipe: { path: "/a" } },
      enable_reuse_port: true,
      connection_balance_config: { exact_balance: {} },
    };
    const dump = { configs: [{ static_listeners: [{ listener }] }] };
    expect(parseListeners(dump, { version: "1.40.0", statuses: null })).toMatchObject([
      { mode: "exact_balance", reusePort: false, pipe: "/a" },
    ]);
  });

  it("may be warming, draining, or active with an update that warms", () => {
    const listener = { address: { socket_address: { address: "::", port_value: 1 } } };
    const dynamic_listeners = [
      { name: "new", warming_state: { listener } },
      { name: "old", draining_state: { listener } },
      { name: "both", active_state: { listener }, warming_state: { listener } },
      { name: "fine", active_state: { listener }, draining_state: { listener } },
    ];
    const found = parseListeners({ configs: [{ dynamic_listeners }] }, { version: "1.40.0", statuses: null });
    expect(found.map(({ name, state, problem }) => [name, state, problem])).toEqual([
      ["new", "warming", "it is still warming and accepts nothing"],
      ["old", "draining", "it is draining and accepts nothing new"],
      ["both", "active", "an update of it is still warming"],
      ["fine", "active", null],
    ]);
  });
});

it("finds no listener in a dump without any", () => {
  for (const dump of [null, {}, { configs: [] }, { configs: [{ bootstrap: {} }] }])
    expect(parseListeners(dump, { version: "1.40.0", statuses: null })).toEqual([]);
});
