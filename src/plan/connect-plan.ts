/** How the connections of a load come about: to which addresses, from which, and how they are closed. */

import { isIP } from "node:net";
import { demand } from "./impossible.ts";
import type { LoadPlan } from "./plan.ts";
import type { LoadProfile } from "./profile.ts";

type ConnectPlan = Pick<
  LoadPlan,
  "unixSocket" | "resolve" | "resolveIpType" | "dnsMethod" | "linger0" | "localAddresses"
>;

/** @throws MeshLoadError PLAN_IMPOSSIBLE, naming the flag */
export function resolveConnect(load: LoadProfile): ConnectPlan {
  const { unixSocket = null, resolve = [], resolveIpType = null, dnsMethod = "cached-rr" } = load;
  const { linger0 = false, localAddresses = [] } = load;
  demand(unixSocket !== "", "-unix-socket names no path", "Give the socket's path.");
  // What is said of TCP has no meaning on a Unix domain socket.
  const ofTcp = { resolve, resolveIpType, dnsMethod: load.dnsMethod, linger0, localAddresses };
  for (const [key, flag] of Object.entries(tcpFlags) as [keyof typeof tcpFlags, string][]) {
    const given = ofTcp[key];
    const isGiven = Array.isArray(given) ? given.length > 0 : Boolean(given);
    demand(
      unixSocket === null || !isGiven,
      `-${flag} is for TCP, and -unix-socket ${unixSocket} is driven`,
      "Keep one of the two.",
    );
  }
  return {
    unixSocket,
    resolve: resolve.map((address) => checkAddress("resolve", address)),
    resolveIpType,
    dnsMethod,
    linger0,
    localAddresses: localAddresses.map((address) => checkAddress("local-addresses", address)),
  };
}

const tcpFlags = {
  resolve: "resolve",
  resolveIpType: "resolve-ip-type",
  dnsMethod: "dns-method",
  linger0: "linger0",
  localAddresses: "local-addresses",
} as const;

function checkAddress(flag: string, address: string): string {
  demand(isIP(address) !== 0, `-${flag}: "${address}" is no IP address`, "Write 127.0.0.2,127.0.0.3.");
  return address;
}
