/** The driver: its threads up, their connections open; then one load; then the connections wait to be mapped and closed. */

import type { LoadPlan } from "../plan/plan.ts";
import { proxyFor } from "../plan/proxy-plan.ts";
import { splitSchedule } from "../plan/split.ts";
import type { Load, LoadConnection } from "../result/load.ts";
import { driveThreads } from "./drive-threads.ts";
import { DriverThread } from "./driver-thread.ts";
import { collectSeldom } from "./garbage-collection.ts";
import type { ThreadPlan } from "./messages.ts";
import { allSlotsAtFirst, openInTurn } from "./opening.ts";
import { createCounters, progressOf } from "./progress.ts";
import type { Progress } from "./progress.ts";
import { serverAddresses } from "./server-addresses.ts";
import type { ServerAddresses } from "./server-addresses.ts";
import { tlsSettings, tlsTrustElsewhere } from "./tls-settings.ts";
import { unreachable } from "./unreachable.ts";
import { wireRequests } from "./wire-requests.ts";

export interface DriveRequest {
  readonly load: LoadPlan;
  readonly url: string;
  readonly seed: number;
  readonly workerHeader: string;
  /** Keep each request's intended start, for an access log. */
  readonly starts?: boolean;
  /** An abort ends the opening with the connections that are open by then; of the load it finishes what is in flight. */
  readonly signal: AbortSignal;
  /** Where `load.connect` is `serial`: told of each connection, and waited for, before the next is opened. */
  readonly afterEachOpened?: (connection: LoadConnection) => Promise<void>;
}

export interface Driver extends AsyncDisposable {
  /** The connections opened before the load; none where they are short-lived. */
  readonly connections: readonly LoadConnection[];
  /** Why connections could not be opened before the load, by reason and system message. */
  readonly openFailures: Readonly<Record<string, number>>;
  readonly addresses: ServerAddresses;
  readonly progress: () => Progress;
  /** Drives the load once. `onStart` is told the start on the monotonic clock. */
  drive(options: { onStart: (startAtUs: number) => void }): Promise<Load>;
  /** Closes one connection, for the mapping by unwind. */
  closeConnection(id: number): Promise<void>;
}

/**
 * Starts the threads and opens the connections.
 * @throws MeshLoadError TARGET_UNREACHABLE where the host has no address or no connection could be opened.
 */
export async function startDriver(request: DriveRequest): Promise<Driver> {
  const proxy = proxyFor(request.url, request.load.proxies);
  const addresses = await serverAddresses(proxy ?? request.url, request.load);
  const plans = threadPlans(request, { addresses, proxy });
  collectSeldom();
  const threads = plans.map((plan) => new DriverThread(plan));
  const end = async (): Promise<void> => {
    await Promise.all(threads.map((thread) => thread.end()));
  };
  const { signal } = request;
  const stopOpening = (): void => threads.forEach((thread) => thread.send({ kind: "stop" }));
  signal.addEventListener("abort", stopOpening, { once: true });
  if (signal.aborted) stopOpening();
  try {
    const slots = allSlotsAtFirst(plans.map(({ schedule }) => schedule));
    if (request.load.keepalive && request.load.connect !== "burst")
      await openInTurn(
        threads,
        { connect: request.load.connect, slots, signal },
        request.afterEachOpened ?? (async () => {}),
      );
    const opened = await Promise.all(threads.map((thread) => thread.opened));
    const connections = opened.flatMap((part) => part.connections);
    const failures = opened.flatMap((part) => part.failures);
    if (request.load.keepalive && connections.length === 0 && !signal.aborted)
      throw unreachable(through(request.url, proxy), failures);
    const openFailures = countBy(failures.map(({ reason, message }) => message || reason));
    return {
      connections,
      openFailures,
      addresses,
      progress: () => progressOf(plans.map(({ counters }) => counters)),
      drive: (options) =>
        driveThreads(threads, request.load, {
          ...options,
          signal,
          starts: request.starts ?? false,
          opened,
          openFailures,
        }),
      closeConnection: (id) => threads[id % threads.length]!.close(id),
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  } finally {
    signal.removeEventListener("abort", stopOpening);
  }
}

function threadPlans(
  request: DriveRequest,
  { addresses, proxy }: Pick<ThreadPlan, "addresses" | "proxy">,
): ThreadPlan[] {
  const { load, workerHeader, seed } = request;
  const requests = wireRequests(load, request.url);
  const tls = tlsSettings(new URL(request.url), load);
  const tlsElsewhere = tlsTrustElsewhere(load);
  return splitSchedule(load, seed).map((schedule) => ({
    thread: schedule.thread,
    threads: load.threads,
    addresses,
    proxy,
    url: request.url,
    tls,
    tlsElsewhere,
    requests,
    load,
    schedule,
    workerHeader,
    counters: createCounters(),
    starts: request.starts ?? false,
  }));
}

/** What is asked for and the proxy in between, without its credentials. */
const through = (url: string, proxy: string | null): string =>
  proxy === null ? url : `${url} through the proxy ${new URL(proxy).host}`;

function countBy(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}
