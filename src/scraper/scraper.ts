/**
 * Watches the proxy and the machine beside a load, about once a second. It never disturbs a run: after the start,
 * whatever fails becomes a warning of the observation.
 *
 *   startScraper   reads the configuration, finds the process, proves the mode, takes the counters' baseline
 *   begin          the load starts
 *   stop           the load has ended: the last reading, and the observation
 */

import { monotonicUs } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Observation, ObservedSecond } from "../result/observation.ts";
import type { ModeProof } from "../result/result.ts";
import type { Admin } from "./admin.ts";
import { discover } from "./discover.ts";
import type { Discovery, WatchedTarget } from "./discover.ts";
import { dispatcherFilter } from "./dispatcher.ts";
import { parseHistograms } from "./histograms.ts";
import type { TcpAddress } from "./listener-config.ts";
import { readMoment } from "./moment.ts";
import { observe } from "./observe.ts";
import { readChildren } from "./procfs.ts";
import { timesFilter, timeStats } from "./request-times.ts";
import type { TimeStats } from "./request-times.ts";
import { listenerFilter, parseListenerCounts } from "./stats.ts";
import type { ListenerCounts } from "./stats.ts";
import { clustersOf, endpointsOf } from "./upstreams.ts";
import { Watch } from "./watch.ts";
import type { WorkerTask } from "./worker-tasks.ts";

/** A scraper at work. Disposing ends it without an observation; `admin` works until then. */
export interface Scraper extends AsyncDisposable {
  /** Marks the start of the load. */
  readonly begin: () => void;
  /** Ends the scraping and resolves to what was seen; never rejects. */
  readonly stop: () => Promise<Observation>;
  readonly admin: Admin | null;
  /** Of the server, where it is on this machine and may be seen. */
  readonly pid: number | null;
  /** Its workers as the kernel knows them; none where it cannot be seen. */
  readonly tasks: readonly WorkerTask[];
  /** The listener's name within stats. */
  readonly listener: string | null;
  /** As it stood before the load; the observation's may know more. */
  readonly proof: ModeProof;
  /** The same, of a process too that does not listen where the load goes. */
  readonly foundPid: number | null;
  /** Where connections for the listener are accepted; none where that is not known. */
  readonly ports: ReadonlySet<number>;
  /** Processes that belong to the measurement too: their CPU is no noise. */
  readonly takeAsOwn: (pids: readonly number[]) => void;
  /** Where the listener sends its requests, as far as its configuration says. */
  readonly readUpstreams: () => Promise<readonly TcpAddress[]>;
  /** From here on, how long requests take at this proxy is watched too; in words where it cannot be. Never rejects. */
  readonly watchTimes: () => Promise<void>;
  /** Worker id → connections open now; rejects where the admin does not answer. `null` without such counts. */
  readonly readActive: (() => Promise<ReadonlyMap<number, number>>) | null;
  /** Worker id → connections accepted since Envoy's start; as `readActive`. */
  readonly readTotal: (() => Promise<ReadonlyMap<number, number>>) | null;
  readonly latest: () => ObservedSecond | null;
}

/**
 * Starts watching what is behind `target`, every `intervalMs` from `begin` on.
 *
 * @throws MeshLoadError ADMIN_UNREACHABLE, ADMIN_NOT_ENVOY, PROCESS_NOT_FOUND, PLAN_IMPOSSIBLE (no such listener), ENVOY_FAILED (a bootstrap's port is not its alone)
 */
export async function startScraper({
  target,
  upstreams = null,
  intervalMs,
}: {
  readonly target: WatchedTarget;
  /** Of a proxy behind another one: where that one sends requests, in place of the URL. */
  readonly upstreams?: readonly TcpAddress[] | null;
  readonly intervalMs: number;
}): Promise<Scraper> {
  const found = await discover(target, upstreams);
  const { admin, process: seen, listener, proof } = found;
  const readCounts = countsReader(found);
  const before = await readCounts().catch(() => noCounts);
  const tasks = [...(seen?.workers.values() ?? [])];
  const servers = seen === null ? [] : [seen.pid, ...tasks.map(({ pid }) => pid)];
  const own = new Set([process.pid, ...readChildren(process.pid), ...servers]);
  let times: TimeStats | null = null;
  const watch = new Watch({
    readCounts,
    readHistograms: async () =>
      parseHistograms((await admin?.stats(histogramFilter(times), { detailed: true })) ?? null),
    readMoment: () => readMoment(monotonicUs(), seen, [...own]),
    nowUs: monotonicUs,
    intervalMs,
  });
  const readWorkers = (kind: "active" | "opened") =>
    admin === null || before.workers.size === 0
      ? null
      : async () => new Map([...(await readCounts()).workers].map(([id, counts]) => [id, counts[kind] ?? 0]));
  return {
    admin,
    pid: seen?.pid ?? null,
    tasks,
    listener: listener?.statName ?? null,
    proof,
    foundPid: found.pid,
    ports: found.ports,
    takeAsOwn: (pids) => pids.forEach((pid) => own.add(pid)),
    readUpstreams: async () => {
      if (admin === null || listener === null) return [];
      const clusters = clustersOf(await admin.configDump(), listener.name);
      return endpointsOf(await admin.clusters(), clusters);
    },
    watchTimes: async () => {
      times = await findTimes(found).catch(messageOf);
    },
    readActive: readWorkers("active"),
    readTotal: readWorkers("opened"),
    begin: watch.begin,
    latest: watch.latest,
    stop: async () =>
      observe({ asked: target.mode, found, before, times, watched: await watch.end(), intervalMs }),
    [Symbol.asyncDispose]: async () => {
      watch.cancel();
      await admin?.[Symbol.asyncDispose]();
    },
  };
}

const noCounts: ListenerCounts = { connections: null, requests: null, workers: new Map() };

function countsReader({ admin, listener }: Discovery): () => Promise<ListenerCounts> {
  if (admin === null || listener === null) return () => Promise.resolve(noCounts);
  const { statName } = listener;
  const filter = listenerFilter(statName);
  return async () => parseListenerCounts(await admin.stats(filter), statName);
}

const histogramFilter = (times: TimeStats | null): string =>
  times === null || typeof times === "string"
    ? dispatcherFilter
    : `${dispatcherFilter}|${timesFilter(times)}`;

/** The stats that tell how long requests take at the listener, or in words why none does. */
async function findTimes({ admin, server, listener }: Discovery): Promise<TimeStats> {
  if (admin === null) return "only Envoy's admin tells of it";
  if (server === null)
    return "a page for Prometheus counts in buckets too wide for it; give the admin itself";
  if (listener === null) return "its listener is not known";
  return timeStats(await admin.configDump(), await admin.clusters(), listener.name);
}
