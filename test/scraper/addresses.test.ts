import { describe, expect, it } from "vitest";
import {
  findByPlace,
  findByName,
  isLocal,
  resolveAddresses,
  withWildcards,
} from "../../src/scraper/addresses.ts";
import { parseListeners } from "../../src/scraper/listener-config.ts";
import type { ConfiguredListener } from "../../src/scraper/listener-config.ts";
import { recordedJson } from "./recorded.ts";

const listeners = parseListeners(recordedJson("config-dump-2-workers.json"), {
  version: "1.40.0",
  statuses: null,
});
const nameAt = (host: string, port: number): string | null =>
  findByPlace(listeners, [{ host, port }])?.name ?? null;

function boundTo(host: string): ConfiguredListener {
  return { ...listeners[0]!, name: host, tcp: { host, port: 80 } };
}

describe("findByPlace", () => {
  it("finds the listener bound to the address, or to the wildcard of its family", () => {
    expect(nameAt("127.0.0.1", 29_111)).toBe("reuse_port");
    expect(nameAt("10.1.2.3", 29_114)).toBe("istio_like");
    expect(nameAt("::1", 29_115)).toBe("six");
    expect(nameAt("::1", 29_116)).toBe("six_any");
    expect(nameAt("127.0.0.1", 1)).toBeNull();
  });

  it("prefers the very address to the wildcard on the same port", () => {
    const both = [boundTo("0.0.0.0"), boundTo("10.0.0.1")];
    expect(findByPlace(both, [{ host: "10.0.0.1", port: 80 }])?.name).toBe("10.0.0.1");
    expect(findByPlace(both, [{ host: "10.0.0.2", port: 80 }])?.name).toBe("0.0.0.0");
  });

  it("takes the only listener on the port, whatever its address, but does not choose between two", () => {
    expect(nameAt("10.1.2.3", 29_110)).toBe("default");
    const twins = [boundTo("10.0.0.1"), boundTo("10.0.0.2")];
    expect(findByPlace(twins, [{ host: "10.0.0.3", port: 80 }])).toBeNull();
  });

  it("takes a path for itself alone, and addresses for none that listens at a path", () => {
    const piped = { ...boundTo("piped"), tcp: null, pipe: "/run/a.sock" };
    expect(findByPlace([boundTo("10.0.0.1"), piped], "/run/a.sock")?.name).toBe("piped");
    expect(findByPlace([boundTo("10.0.0.1"), piped], "/run/b.sock")).toBeNull();
    expect(findByPlace([piped], [{ host: "10.0.0.1", port: 80 }])).toBeNull();
  });

  it("prefers the listener that owns the socket to those it hands connections to", () => {
    const unbound = { ...listeners[0]!, name: "unbound", bound: false };
    expect(findByPlace([unbound, listeners[0]!], [{ host: "127.0.0.1", port: 29_110 }])?.name).toBe(
      "default",
    );
  });
});

it("finds a listener by its name, its name within stats, or its address", () => {
  expect(findByName(listeners, "six")?.name).toBe("six");
  expect(findByName(listeners, "[__1]_29115")?.name).toBe("six");
  expect(findByName(listeners, "[::1]:29115")?.name).toBe("six");
  expect(findByName(listeners, "seven")).toBeNull();
});

describe("resolveAddresses", () => {
  it("reads literal addresses and the port that the scheme implies", async () => {
    expect(await resolveAddresses("http://127.0.0.1:8081/x")).toEqual([{ host: "127.0.0.1", port: 8081 }]);
    expect(await resolveAddresses("http://[::1]/")).toEqual([{ host: "::1", port: 80 }]);
    expect(await resolveAddresses("https://127.0.0.1")).toEqual([{ host: "127.0.0.1", port: 443 }]);
  });

  it("resolves names, and to nothing where there is no such name", async () => {
    expect((await resolveAddresses("http://localhost:1")).map(({ port }) => port)).toContain(1);
    expect(await resolveAddresses("http://no-such-host.invalid/")).toEqual([]);
  });
});

it("knows the addresses of this machine from others", () => {
  expect(isLocal([{ host: "127.8.9.1", port: 1 }])).toBe(true);
  expect(isLocal([{ host: "192.0.2.1", port: 1 }])).toBe(false);
  expect(isLocal([])).toBe(false);
});

it("adds the wildcards of each port once", () => {
  expect(
    withWildcards([
      { host: "127.0.0.1", port: 5 },
      { host: "::1", port: 5 },
    ]).map(({ host }) => host),
  ).toEqual(["127.0.0.1", "::1", "0.0.0.0", "::"]);
});
