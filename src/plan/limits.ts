/** What the machine must grant a plan: file descriptors, and local ports for short-lived connections. */

import { MeshLoadError } from "../errors.ts";
import type { LoadPlan, Plan } from "./plan.ts";

/** Facts of this machine, read by the caller; `null` where they cannot be told, and then nothing is checked. */
export interface MachineLimits {
  /** Most open files of this process. */
  readonly openFiles: number | null;
  /** `net.ipv4.ip_local_port_range`, both included. */
  readonly localPorts: readonly [first: number, last: number] | null;
  /** `net.ipv4.tcp_tw_reuse`: 0 never, 1 always, 2 on loopback only. */
  readonly timeWaitReuse: number | null;
}

/** Beside the connections: stdio, threads, the scraper's sockets and /proc files, result files. */
const spareFiles = 64;

// Linux keeps TIME_WAIT for 60 s (TCP_TIMEWAIT_LEN); with tcp_tw_reuse a port serves again after 1 s.
const timeWaitS = 60;
const reusedTimeWaitS = 1;

// With -qps 0 the rate is not known beforehand; this is about what one client opens and closes.
const unboundQps = 10_000;

/**
 * @throws MeshLoadError LIMIT_EXCEEDED where the plan needs more open files than there may be, PLAN_IMPOSSIBLE where
 * it would run out of local ports
 */
export function checkLimits(plan: Plan, machine: MachineLimits): void {
  if (machine.openFiles !== null) checkOpenFiles(plan.load.connections, machine.openFiles);
  if (machine.localPorts !== null && plan.load.unixSocket === null)
    checkPorts(plan, machine.localPorts, machine.timeWaitReuse);
}

function checkOpenFiles(connections: number, limit: number): void {
  const needed = connections + spareFiles;
  if (needed <= limit) return;
  const fewer = limit > spareFiles ? `, or use -c ${limit - spareFiles} or less` : "";
  throw new MeshLoadError(
    "LIMIT_EXCEEDED",
    `-c ${connections} needs ${needed} open files, and this process may have ${limit}`,
    {
      hint: `Raise the limit with \`ulimit -n ${needed}\` (its hard limit in /etc/security/limits.conf)${fewer}.`,
    },
  );
}

function checkPorts(plan: Plan, [first, last]: readonly [number, number], reuse: number | null): void {
  const { load } = plan;
  const sources = Math.max(1, load.localAddresses.length);
  const available = (last - first + 1) * sources;
  const reused =
    reuse === 1 || (reuse === 2 && plan.targets.every(({ url }) => url === "" || isLoopback(url)));
  const needed =
    load.connections +
    waitingPorts(
      load,
      plan.repetitions * Math.max(1, plan.sweep.length),
      reused ? reusedTimeWaitS : timeWaitS,
    );
  if (needed <= available) return;
  const from = sources === 1 ? "" : ` from ${sources} addresses`;
  const retiring = load.connectionReuse !== null ? " with -connection-reuse" : "";
  const many = load.keepalive
    ? `-c ${load.connections}${retiring}`
    : `-keepalive=false at ${load.qps === 0 ? `-qps 0 (some ${unboundQps}/s)` : `-qps ${load.qps}`}`;
  throw new MeshLoadError(
    "PLAN_IMPOSSIBLE",
    `${many} needs ${needed} local ports at once, and ${available} exist${from} (${first}-${last})`,
    { hint: hintFor(plan, needed, last - first + 1) },
  );
}

/**
 * Ports in TIME_WAIT towards one target, at worst: each connection we close first holds its port for `holdS`.
 * Targets have ports of their own, as TIME_WAIT is per 4-tuple. A reset (linger0) leaves none.
 */
export function waitingPorts(load: LoadPlan, repetitions: number, holdS: number): number {
  const { keepalive, connectionReuse: reuse } = load;
  if ((keepalive && reuse === null) || load.linger0) return 0;
  const rate = load.qps === 0 ? unboundQps : load.qps;
  const untilStopped = load.durationUs === 0 && load.exactly === null;
  const perRun = load.exactly ?? (untilStopped ? Infinity : (rate * load.durationUs) / 1e6);
  const requestsEach = keepalive && reuse !== null ? (reuse.least + reuse.most) / 2 : 1;
  return Math.ceil(Math.min(perRun * repetitions, rate * holdS) / requestsEach);
}

function hintFor({ load, targets }: Plan, needed: number, portsPerAddress: number): string {
  const count = Math.ceil(needed / portsPerAddress);
  const loopback = targets.every(({ url }) => url === "" || isLoopback(url));
  // All of 127.0.0.0/8 is this machine's; of other networks it has the addresses that it was given.
  const list = Array.from({ length: count }, (_, i) => `127.0.0.${i + 2}`).join(",");
  const more =
    loopback && count <= 4 ? `-local-addresses ${list}` : `${count} of this machine's -local-addresses`;
  return load.keepalive && load.connectionReuse === null
    ? `Use fewer connections, or ${more}.`
    : `Use -linger0 (close with a reset, no port waits), ${more}, a lower -qps, or a shorter -t.`;
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}
