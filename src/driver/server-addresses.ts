/** Where the connections of a load go. */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { MeshLoadError, messageOf } from "../errors.ts";
import type { LoadPlan } from "../plan/plan.ts";

/** What all connections may reach, taken in turn: `hosts` are IP addresses, or the one path of a Unix domain socket. */
export interface ServerAddresses {
  readonly hosts: readonly string[];
  /** 0 for a Unix domain socket. */
  readonly port: number;
}

type Choice = Pick<LoadPlan, "unixSocket" | "resolve" | "resolveIpType" | "dnsMethod">;

/**
 * Resolved once a run, so that no lookup falls into the load.
 * @throws MeshLoadError TARGET_UNREACHABLE where the host has no address of the kind asked for
 */
export async function serverAddresses(url: string, choice: Choice): Promise<ServerAddresses> {
  if (choice.unixSocket !== null) return { hosts: [choice.unixSocket], port: 0 };
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  const hosts =
    choice.resolve.length > 0 ? choice.resolve : chooseAddresses(await lookUp(host), host, choice);
  return { hosts, port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) };
}

/** The URL with the first address that is connected to in the place of its host: where its listener is to be found. */
export function reachedUrl(url: string, { resolve: [address] }: Pick<LoadPlan, "resolve">): string {
  if (address === undefined) return url;
  const reached = new URL(url);
  reached.hostname = isIP(address) === 6 ? `[${address}]` : address;
  return reached.href;
}

async function lookUp(host: string): Promise<string[]> {
  try {
    const found = await lookup(host, { all: true });
    return [...new Set(found.map(({ address }) => address))];
  } catch (error) {
    throw new MeshLoadError("TARGET_UNREACHABLE", `no address for host ${host}: ${messageOf(error)}`, {
      hint: "Check the URL's host name, or give an IP address.",
      cause: error,
    });
  }
}

/** Of the addresses that a host has, those asked for. An address in the URL itself is taken as it is. */
export function chooseAddresses(
  addresses: readonly string[],
  host: string,
  { resolveIpType, dnsMethod }: Pick<Choice, "resolveIpType" | "dnsMethod">,
): readonly string[] {
  if (isIP(host) !== 0) return addresses;
  const ofFamily = (family: number): string[] => addresses.filter((address) => isIP(address) === family);
  const chosen =
    resolveIpType === "ip"
      ? addresses
      : ofFamily(resolveIpType === "ip6" || (resolveIpType === null && ofFamily(4).length === 0) ? 6 : 4);
  if (chosen.length === 0)
    throw new MeshLoadError(
      "TARGET_UNREACHABLE",
      `host ${host} has no address of -resolve-ip-type ${resolveIpType}, only ${addresses.join(", ")}`,
      { hint: "Use -resolve-ip-type ip to take every address." },
    );
  return dnsMethod === "first" ? chosen.slice(0, 1) : chosen;
}
