/** How the connections of a load come about: to which addresses, from which, and how they are closed. */

import { isIP } from "node:net";
import { demand, isWhole } from "./impossible.ts";
import type { LoadPlan } from "./plan.ts";
import type { LoadProfile } from "./profile.ts";

type ConnectPlan = Pick<
  LoadPlan,
  | "connect"
  | "connectionReuse"
  | "unixSocket"
  | "resolve"
  | "resolveIpType"
  | "dnsMethod"
  | "linger0"
  | "localAddresses"
>;

/** No machine opens more. */
const mostOpenedPerS = 1_000_000;
const mostReused = 2 ** 31 - 1;

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
    connect: resolveOpening(load),
    connectionReuse: resolveReuse(load),
    unixSocket,
    resolve: resolve.map((address) => checkAddress("resolve", address)),
    resolveIpType,
    dnsMethod,
    linger0,
    localAddresses: localAddresses.map((address) => checkAddress("local-addresses", address)),
  };
}

function resolveOpening({ connect = "burst", keepalive }: LoadProfile): ConnectPlan["connect"] {
  demand(
    connect === "burst" || keepalive !== false,
    `-connect ${connect} and -keepalive=false contradict each other: nothing is opened before the load`,
    "Keep one of the two.",
  );
  if (connect === "burst" || connect === "serial") return connect;
  const rate = Number(/^(\d+(\.\d+)?)\/s$/.exec(connect)?.[1]);
  demand(
    rate > 0 && rate <= mostOpenedPerS,
    `-connect ${connect} is no way to open connections`,
    "Write -connect burst, -connect serial, or a rate such as -connect 200/s.",
  );
  return rate;
}

function resolveReuse({ connectionReuse, keepalive }: LoadProfile): ConnectPlan["connectionReuse"] {
  if (connectionReuse === undefined) return null;
  const flag = `-connection-reuse ${connectionReuse}`;
  const [, first, second = first] = /^(\d+)(?::(\d+))?$/.exec(connectionReuse) ?? [];
  const [least, most] = [Number(first), Number(second)];
  demand(
    isWhole(least, 1, mostReused) && isWhole(most, 1, mostReused),
    `${flag} is no range of requests`,
    "Write MIN:MAX, such as -connection-reuse 10:30.",
  );
  demand(
    least <= most,
    `${flag}: the range ends before it begins`,
    `Write -connection-reuse ${most}:${least}.`,
  );
  demand(
    keepalive !== false,
    `${flag} and -keepalive=false contradict each other: a connection for each request is not used again`,
    "Keep one of the two.",
  );
  return { least, most };
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
