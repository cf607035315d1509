/**
 * Connection → worker out of procfs alone: every worker waits in an epoll instance of its own, and Linux shows which
 * sockets that one watches. Exact in every listener mode, during the load, with other clients present.
 */

import type { LoadConnection } from "../result/load.ts";
import { readTcpTable } from "../scraper/sockets-table.ts";
import type { TcpSocket } from "../scraper/sockets-table.ts";
import type { WorkerTask } from "../scraper/worker-tasks.ts";
import { learnEpolls, obstacleOf, readWatched } from "./epoll-instances.ts";
import type { EpollInstance } from "./epoll-instances.ts";

/** Our side of a connection that is open. */
export type OurSocket = Pick<LoadConnection, "id" | "localPort" | "localAddress">;

interface EpollAnswer {
  /** Connection id → worker id. A connection found in no worker's epoll instance, or in several, is not here. */
  readonly workerOf: ReadonlyMap<number, number>;
  /** Why connections are missing, or `null`. */
  readonly obstacle: string | null;
}

export interface EpollMapper {
  /** Why `map` can find nothing, or `null`. */
  readonly obstacle: string | null;
  /** Asks the kernel now, about 5 ms. Errors of procfs become an obstacle, never a throw. */
  map(connections: readonly OurSocket[]): Promise<EpollAnswer>;
}

/**
 * Learns which epoll instance belongs to which of `tasks`: constant for the life of the process, so the answer is kept,
 * and best asked for before the load, while every worker waits. `serverPort` is the port that the load goes to. Workers
 * that could not be caught waiting are tried again at each `map`.
 */
export async function createEpollMapper({
  pid,
  tasks,
  serverPort,
}: {
  readonly pid: number;
  readonly tasks: readonly WorkerTask[];
  readonly serverPort: number;
}): Promise<EpollMapper> {
  const instances: EpollInstance[] = [];
  const unlearned = new Set(tasks);
  let learned = await learnEpolls(unlearned, instances);
  return {
    obstacle: instances.length === 0 ? (learned ?? `process ${pid} has no workers to be seen`) : null,
    async map(connections) {
      try {
        if (learned !== null) learned = await learnEpolls(unlearned, instances);
        const idOf = findInodes(await readTcpTable(pid), serverPort, connections);
        return { workerOf: await findWorkers(idOf, instances), obstacle: learned };
      } catch (error) {
        return { workerOf: new Map(), obstacle: obstacleOf(error, pid) };
      }
    },
  };
}

/**
 * Inode of the server's end → our connection id. A connection with two candidates is left out. Where not one connection
 * has an end on `serverPort`, they were redirected (iptables), and the server's ends have another port.
 */
export function findInodes(
  sockets: readonly TcpSocket[],
  serverPort: number,
  connections: readonly OurSocket[],
): Map<number, number> {
  const idOf = new Map(connections.map((each) => [endOf(each.localAddress, each.localPort), each.id]));
  const candidates = new Map<number, { onPort: Set<number>; elsewhere: Set<number> }>();
  for (const { state, localPort, remoteAddress, remotePort, inode } of sockets) {
    if (state !== "ESTABLISHED" || inode === 0) continue;
    const id = idOf.get(endOf(remoteAddress, remotePort));
    if (id === undefined) continue;
    const found = candidates.get(id) ?? { onPort: new Set(), elsewhere: new Set() };
    (localPort === serverPort ? found.onPort : found.elsewhere).add(inode);
    candidates.set(id, found);
  }
  const redirected = [...candidates.values()].every(({ onPort }) => onPort.size === 0);
  const idOfInode = new Map<number, number>();
  for (const [id, { onPort, elsewhere }] of candidates) {
    // The same source port towards two addresses of the server: only the full 4-tuple is unique.
    const [inode, another] = redirected ? elsewhere : onPort;
    if (inode !== undefined && another === undefined) idOfInode.set(inode, id);
  }
  return idOfInode;
}

function endOf(address: string, port: number): string {
  // IPv4-mapped as Node says it, and a link-local scope, which the kernel's table does not show.
  return `${address.replace(/^::ffff:(?=[\d.]+$)/, "").replace(/%.*$/, "")} ${port}`;
}

async function findWorkers(
  idOf: ReadonlyMap<number, number>,
  instances: readonly EpollInstance[],
): Promise<Map<number, number>> {
  const watched = await readWatched(instances);
  const found = [...idOf].map(([inode, id]) => [id, watched.get(inode)] as const);
  return new Map(found.filter((pair): pair is [number, number] => pair[1] !== undefined));
}
