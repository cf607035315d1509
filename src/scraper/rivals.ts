/**
 * Who else listens where an Envoy of our own does. With SO_REUSEPORT, Envoy's default, its bind succeeds on a port that
 * another process of the same user listens on, and the kernel deals the connections out to both: socket(7).
 */

import { MeshLoadError } from "../errors.ts";
import { withWildcards } from "./addresses.ts";
import { hostAndPort } from "./listener-config.ts";
import type { TcpAddress } from "./listener-config.ts";
import type { ProcessView } from "./process.ts";
import { read, readProcesses } from "./procfs.ts";
import { listeningOn, readSocketDescriptors } from "./sockets-table.ts";

/** @throws MeshLoadError ENVOY_FAILED where connections to `driven` reach others than `envoy`, which `file` configures */
export async function refuseRivals(
  { table, descriptors }: Pick<ProcessView, "table" | "descriptors">,
  driven: readonly TcpAddress[],
  file: string,
): Promise<void> {
  if (table === null || descriptors === null) return;
  const own = new Set(descriptors);
  const listening = listeningOn(table, withWildcards(driven));
  // Through a proxy the load's connections are not to the Envoy.
  if (![...listening].some((inode) => own.has(inode))) return;
  // A socket that is bound to the very address gets what those of a wildcard would.
  const exact = listeningOn(table, driven);
  const others = [...(exact.size > 0 ? exact : listening)].filter((inode) => !own.has(inode));
  if (others.length === 0) return;
  const [{ host, port }] = driven as [TcpAddress];
  const holders = (await findHolders(new Set(others))).join(", ") || "another process";
  throw new MeshLoadError("ENVOY_FAILED", `${hostAndPort(host, port)} is already listened on by ${holders}`, {
    hint: `End that, or give the listener in ${file} another port: connections would reach both.`,
  });
}

async function findHolders(inodes: ReadonlySet<number>): Promise<string[]> {
  const holders: string[] = [];
  for (const pid of readProcesses()) {
    const held = await readSocketDescriptors(pid).catch(() => new Map<number, number>());
    if (![...held.values()].some((inode) => inodes.has(inode))) continue;
    holders.push(`PID ${pid} (${read(`/proc/${pid}/comm`)?.trim()})`);
  }
  return holders;
}
