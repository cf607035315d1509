import { describe, expect, it } from "vitest";
import { refuseRivals } from "../../src/scraper/rivals.ts";

const driven = [{ host: "127.0.0.1", port: 18080 }];

/** Sockets that listen on the port, by their address; no process holds them. */
function listening(addresses: Readonly<Record<string, number>>) {
  return Object.entries(addresses).map(([localAddress, inode]) => ({
    localAddress,
    localPort: 18080,
    remoteAddress: "0.0.0.0",
    remotePort: 0,
    state: "LISTEN" as const,
    inode,
  }));
}

// The kernel's rule: a socket bound to the very address comes before a wildcard, equals share.
describe("refuseRivals", () => {
  it.each([
    ["shares the address", [...listening({ "127.0.0.1": -1 }), ...listening({ "127.0.0.1": -2 })]],
    ["is bound to the address, and Envoy to a wildcard", listening({ "0.0.0.0": -1, "127.0.0.1": -2 })],
  ])("refuses another who %s", async (_, table) => {
    await expect(refuseRivals({ table, descriptors: [-1] }, driven, "a.yaml")).rejects.toMatchObject({
      code: "ENVOY_FAILED",
      message: "127.0.0.1:18080 is already listened on by another process",
    });
  });

  it.each([
    ["another has the wildcard", listening({ "127.0.0.1": -1, "0.0.0.0": -2 }), [-1]],
    ["the load goes to a proxy", listening({ "127.0.0.1": -2 }), [-1]],
    ["descriptors may not be seen", listening({ "127.0.0.1": -2 }), null],
  ])("has nothing to say where %s", async (_, table, descriptors) => {
    await refuseRivals({ table, descriptors }, driven, "a.yaml");
  });
});
