/**
 * The connections between two proxies of a chain, and the worker at either end: the workers' epoll instances of both
 * processes say whose a socket is, the kernel's tables which two sockets are one connection.
 */

import type { Links } from "../result/hops.ts";
import { readTcpTable } from "../scraper/sockets-table.ts";
import type { TcpSocket } from "../scraper/sockets-table.ts";
import type { WorkerTask } from "../scraper/worker-tasks.ts";
import { learnEpolls, obstacleOf, readWatched } from "./epoll-instances.ts";
import type { EpollInstance } from "./epoll-instances.ts";

/** One connection between the two. */
export interface Link {
  /** The upstream socket's own end, in words: the same for the life of the connection. */
  readonly end: string;
  readonly from: number;
  readonly to: number;
}

/** The sockets of one proxy. */
export interface ProxySockets {
  readonly table: readonly TcpSocket[];
  /** Inode → worker. */
  readonly workerOf: ReadonlyMap<number, number>;
}

/**
 * Joins the upstream sockets of `before` with the sockets that `after` accepted on one of `ports` (any, where that is
 * empty). The accepted end may have another address than the one that was connected to (iptables REDIRECT), so that it is
 * found by its peer; where that fits several, by both ends.
 */
export function findLinks(
  before: ProxySockets,
  after: ProxySockets,
  ports: ReadonlySet<number>,
): Pick<Links, "unmapped" | "elsewhere"> & { readonly links: readonly Link[] } {
  const listening = new Set(
    before.table.filter(({ state }) => state === "LISTEN").map(({ localPort }) => localPort),
  );
  const upstream = before.table.filter(
    (socket) =>
      isEstablished(socket) && !listening.has(socket.localPort) && before.workerOf.has(socket.inode),
  );
  const accepted = after.table.filter(
    (socket) =>
      isEstablished(socket) &&
      after.workerOf.has(socket.inode) &&
      (ports.size === 0 || ports.has(socket.localPort)),
  );
  const byPeer = Map.groupBy(accepted, ({ remoteAddress, remotePort }) => `${remoteAddress} ${remotePort}`);
  const links: Link[] = [];
  let unmapped = 0;
  let joined = 0;
  for (const { localAddress, localPort, remoteAddress, remotePort, inode } of upstream) {
    const end = `${localAddress} ${localPort}`;
    const peers = byPeer.get(end) ?? [];
    const exact = peers.filter((one) => one.localAddress === remoteAddress && one.localPort === remotePort);
    const [match, another] = exact.length > 0 ? exact : peers;
    if (match === undefined) continue;
    joined++;
    if (another === undefined)
      links.push({
        end: `${end} ${remoteAddress} ${remotePort}`,
        from: before.workerOf.get(inode)!,
        to: after.workerOf.get(match.inode)!,
      });
    else unmapped++;
  }
  // On whatever port: what else the process holds is no connection to this listener.
  return { links, unmapped, elsewhere: ports.size === 0 ? 0 : accepted.length - joined };
}

const isEstablished = ({ state, inode }: TcpSocket): boolean => state === "ESTABLISHED" && inode !== 0;

/** What is asked of each proxy. */
export interface LinkEnd {
  readonly pid: number | null;
  readonly tasks: readonly WorkerTask[];
}

export interface LinkMapper {
  /** Notes the connections that are there before the load. */
  look(): Promise<void>;
  /** The connections as they are now. Errors of procfs become the reason, never a throw. */
  finish(): Promise<Links>;
}

/** Learns the epoll instances of both, best while every worker waits. */
export async function createLinkMapper(
  before: LinkEnd,
  after: LinkEnd & { readonly ports: ReadonlySet<number> },
): Promise<LinkMapper> {
  const readBefore = await createReader(before);
  const readAfter = await createReader(after);
  const read = async (): Promise<ReturnType<typeof findLinks>> =>
    findLinks(await readBefore(), await readAfter(), after.ports);
  let known: ReadonlySet<string> = new Set();
  return {
    async look() {
      const found = await read().catch(() => null);
      known = new Set(found?.links.map(({ end }) => end));
    },
    async finish() {
      try {
        const { links, ...rest } = await read();
        const ambiguous = rest.unmapped > 0 ? `${rest.unmapped} could not be told apart` : "";
        return { ...rest, ...countLinks(links, known), reason: ambiguous };
      } catch (error) {
        const reason = error instanceof Unseen ? error.message : obstacleOf(error, after.pid ?? 0);
        return { unmapped: 0, elsewhere: 0, ...countLinks([], known), reason };
      }
    },
  };
}

class Unseen extends Error {}

const unknownProcess = "the process of one of them is not known, or not on this machine";

async function createReader({ pid, tasks }: LinkEnd): Promise<() => Promise<ProxySockets>> {
  if (pid === null) return () => Promise.reject(new Unseen(unknownProcess));
  const instances: EpollInstance[] = [];
  const unlearned = new Set(tasks);
  await learnEpolls(unlearned, instances);
  return async () => {
    if (unlearned.size > 0 || instances.length === 0) {
      const obstacle = await learnEpolls(unlearned, instances);
      if (instances.length === 0) throw new Unseen(obstacle ?? `process ${pid} has no workers to be seen`);
      if (obstacle !== null) throw new Unseen(obstacle);
    }
    return { table: await readTcpTable(pid), workerOf: await readWatched(instances) };
  };
}

function countLinks(
  links: readonly Link[],
  known: ReadonlySet<string>,
): Pick<Links, "mapped" | "before" | "matrix"> {
  const pairs = Map.groupBy(links, ({ from, to }) => `${from} ${to}`);
  const matrix = [...pairs.values()].map((same) => ({
    from: same[0]!.from,
    to: same[0]!.to,
    connections: same.length,
  }));
  return {
    mapped: links.length,
    before: links.filter(({ end }) => known.has(end)).length,
    matrix: matrix.sort((a, b) => a.from - b.from || a.to - b.to),
  };
}
