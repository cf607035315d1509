/** The kernel's tables of sockets, and which descriptors of a process point into them: proc(5), proc_pid_net(5). */

import { readdir, readFile, readlink } from "node:fs/promises";

/** One row of `/proc/net/tcp` or `tcp6`. Addresses are dotted IPv4 (also where IPv4-mapped) or compressed IPv6. */
export interface TcpSocket {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly state: "LISTEN" | "ESTABLISHED" | "OTHER";
  /** 0 where no process holds the socket any more (TIME_WAIT). */
  readonly inode: number;
}

const states: Readonly<Record<string, TcpSocket["state"]>> = { "01": "ESTABLISHED", "0A": "LISTEN" };

/** Parses the text of `/proc/net/tcp` or `/proc/net/tcp6`; lines that are no rows are left out. */
export function parseTcpTable(text: string): TcpSocket[] {
  const sockets: TcpSocket[] = [];
  const addresses = new Map<string, string>();
  for (const line of text.split("\n")) {
    // sl local remote state tx:rx tr:when retransmits uid timeout inode …
    const [sl, local, remote, state, , , , , , inode] = line.trim().split(/\s+/, 10);
    if (local === undefined || remote === undefined || state === undefined || inode === undefined) continue;
    if (!/^\d+:$/.test(sl ?? "")) continue;
    const [localHex = "", localPort = ""] = local.split(":");
    const [remoteHex = "", remotePort = ""] = remote.split(":");
    sockets.push({
      localAddress: addressOf(localHex, addresses),
      localPort: Number.parseInt(localPort, 16),
      remoteAddress: addressOf(remoteHex, addresses),
      remotePort: Number.parseInt(remotePort, 16),
      state: states[state] ?? "OTHER",
      inode: Number(inode),
    });
  }
  return sockets;
}

/** A Unix domain socket that listens. */
export interface ListeningPipe {
  readonly path: string;
  readonly inode: number;
}

/** Parses the text of `/proc/net/unix`. */
export function parseUnixTable(text: string): ListeningPipe[] {
  return text.split("\n").flatMap((line) => {
    // num: references protocol flags type state inode path; of the flags only that it listens (__SO_ACCEPTCON) is told.
    const [, flags, inode, path] = /^\S+: \S+ \S+ (\S+) \S+ \S+ +(\d+) (.+)$/.exec(line) ?? [];
    return flags === "00010000" ? [{ path: path!, inode: Number(inode) }] : [];
  });
}

/** The Unix domain sockets that listen in the network namespace of process `pid`. Throws as `readTcpTable` does. */
export async function readUnixTable(pid: number): Promise<ListeningPipe[]> {
  return parseUnixTable(await readFile(`/proc/${pid}/net/unix`, "utf8"));
}

/** Where connections are accepted: at TCP addresses, or at the path of a Unix domain socket. */
export type Place = readonly { readonly host: string; readonly port: number }[] | string;

/** The sockets of a network namespace; `null` where they cannot be seen. */
export interface SocketTables {
  readonly table: readonly TcpSocket[] | null;
  readonly pipes: readonly ListeningPipe[] | null;
}

/** Inodes of the sockets that listen at `place`; `null` where that cannot be known. */
export function listeningAt({ table, pipes }: SocketTables, place: Place): ReadonlySet<number> | null {
  if (typeof place !== "string")
    return table === null || place.length === 0 ? null : listeningOn(table, place);
  const found = (pipes ?? []).filter(({ path }) => path === place);
  // In a container, or through a link, the path may be another than the server's own.
  return found.length === 0 ? null : new Set(found.map(({ inode }) => inode));
}

/** Inodes of the sockets that listen on one of `addresses`. */
export function listeningOn(
  table: readonly TcpSocket[],
  addresses: readonly { readonly host: string; readonly port: number }[],
): Set<number> {
  const listening = table.filter(
    ({ state, localAddress, localPort }) =>
      state === "LISTEN" && addresses.some(({ host, port }) => port === localPort && host === localAddress),
  );
  return new Set(listening.map(({ inode }) => inode));
}

/**
 * The TCP sockets of the network namespace that process `pid` lives in. A kernel without IPv6 has no `tcp6`.
 * Throws the system's error (ENOENT, EACCES) where `pid` is gone or hidden.
 */
export async function readTcpTable(pid: number): Promise<TcpSocket[]> {
  const [v4, v6] = await Promise.all([
    readFile(`/proc/${pid}/net/tcp`, "latin1"),
    readFile(`/proc/${pid}/net/tcp6`, "latin1").catch(() => ""),
  ]);
  return [...parseTcpTable(v4), ...parseTcpTable(v6)];
}

/**
 * The sockets that process `pid` holds: descriptor → inode. Needs the rights of ptrace (the same user, or root);
 * throws the system's error (ENOENT, EACCES) otherwise. A descriptor closed meanwhile is left out.
 */
export async function readSocketDescriptors(pid: number): Promise<Map<number, number>> {
  const folder = `/proc/${pid}/fd`;
  const sockets = new Map<number, number>();
  await Promise.all(
    (await readdir(folder)).map(async (descriptor) => {
      const link = await readlink(`${folder}/${descriptor}`).catch(() => "");
      const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
      if (inode !== undefined) sockets.set(Number(descriptor), Number(inode));
    }),
  );
  return sockets;
}

function addressOf(hex: string, known: Map<string, string>): string {
  const seen = known.get(hex);
  if (seen !== undefined) return seen;
  const address = parseAddress(hex);
  known.set(hex, address);
  return address;
}

// The kernel prints network-order bytes as 32-bit words of the machine: reversed within each word on little-endian
// ones, which are all that Envoy is built for.
function parseAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, "hex")].toReversed());
  if (bytes.length === 4) return bytes.join(".");
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (mapped) return bytes.slice(12).join(".");
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  // The URL parser compresses as RFC 5952 asks.
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
