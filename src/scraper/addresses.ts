/** From the URL that a person gives to the address that a listener has in Envoy and in the kernel. */

import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import type { ConfiguredListener, TcpAddress } from "./listener-config.ts";

/** The addresses behind a URL, and its port; none where its host does not resolve. */
export async function resolveAddresses(url: string): Promise<TcpAddress[]> {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => ({
    host: address,
    port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
  }));
}

/** The same addresses, and the wildcards through which a socket may serve them. */
export function withWildcards(addresses: readonly TcpAddress[]): TcpAddress[] {
  const ports = [...new Set(addresses.map(({ port }) => port))];
  return [
    ...addresses,
    ...ports.flatMap((port) => [
      { host: "0.0.0.0", port },
      { host: "::", port },
    ]),
  ];
}

/** Whether one of `addresses` belongs to this machine, or to this network namespace of it. */
export function isLocal(addresses: readonly TcpAddress[]): boolean {
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((i) => i.address)),
  );
  return addresses.some(({ host }) => own.has(host) || host.startsWith("127."));
}

/**
 * The listener that serves `place`. Of addresses: one bound to such an address, else to a wildcard, else the only one on
 * that port (behind a forwarded port the address is another). A listener without a socket of its own is the last choice.
 */
export function findByPlace(
  listeners: readonly ConfiguredListener[],
  place: string | readonly TcpAddress[],
): ConfiguredListener | null {
  const found =
    typeof place === "string"
      ? listeners.filter(({ pipe }) => pipe === place)
      : atAddresses(listeners, place);
  return found.find(({ bound, state }) => bound && state === "active") ?? found[0] ?? null;
}

function atAddresses(
  listeners: readonly ConfiguredListener[],
  addresses: readonly TcpAddress[],
): readonly ConfiguredListener[] {
  const onPort = listeners.filter(({ tcp }) => addresses.some(({ port }) => port === tcp?.port));
  const matches = (candidates: readonly TcpAddress[]): ConfiguredListener[] =>
    onPort.filter(({ tcp }) => candidates.some(({ host }) => host === tcp?.host));
  const exact = matches(addresses);
  const wildcard = matches(withWildcards(addresses));
  return [exact, wildcard, onPort.length === 1 ? onPort : []].find((list) => list.length > 0) ?? [];
}

/** The listener that a person calls `name`: by its name, its name within stats, or its address. */
export function findByName(
  listeners: readonly ConfiguredListener[],
  name: string,
): ConfiguredListener | null {
  return (
    listeners.find((listener) => listener.name === name) ??
    listeners.find((listener) => listener.statName === name || listener.address === name) ??
    null
  );
}
