/** One run: the scraper watches, the driver drives, the mapping joins the two, and the result is made of all three. */

import { epochOffsetUs, monotonicUs, wallClock } from "./clock.ts";
import { startDriver } from "./driver/driver.ts";
import type { Progress } from "./driver/progress.ts";
import { proxyFor } from "./plan/proxy-plan.ts";
import { reachedUrl } from "./driver/server-addresses.ts";
import { startHops } from "./hops.ts";
import { startMapping, watchOpenings } from "./mapping/mapping.ts";
import type { Plan, TargetPlan } from "./plan/plan.ts";
import type { LoggedRun } from "./result/access-log.ts";
import { createRun } from "./result/create-run.ts";
import type { Observation } from "./result/observation.ts";
import type { Run } from "./result/result.ts";
import { startScraper } from "./scraper/scraper.ts";

/** The scraper takes its turns so long before each whole second of the load, when most schedules have a request due. */
const scrapeAheadMs = 7;

export interface RunRequest {
  readonly plan: Plan;
  readonly target: TargetPlan;
  readonly kind: Run["target"]["kind"];
  /** Where in the experiment it stands. */
  readonly order: number;
  readonly block: number;
  readonly step: string;
  readonly repetition: number;
  /** Keep what an access log tells of every request. */
  readonly logged?: boolean;
}

export interface RunHooks {
  readonly signal: AbortSignal;
  /** Told the start of the load on the monotonic clock, and how to read the counts meanwhile. */
  readonly onStart: (startAtUs: number, progress: () => Progress) => void;
}

export interface FinishedRun {
  readonly run: Run;
  /** What the admin said of itself. */
  readonly envoy: Observation["envoy"];
  /** Every request; `null` unless it was to be `logged`. */
  readonly requests: LoggedRun | null;
}

/**
 * Drives one load on one target, with connections of its own. An abort ends it early, and what it measured stays.
 * @throws MeshLoadError where it could not begin: target or admin unreachable, a mapping that cannot be had.
 */
export async function run(
  { plan, target, kind, logged = false, ...place }: RunRequest,
  { signal, onStart }: RunHooks,
): Promise<FinishedRun> {
  const { workerHeader } = plan;
  // Initial is what comes first: once a target has answered, an error is data.
  const allowInitialErrors = plan.load.allowInitialErrors || place.block > 0;
  const loadPlan = { ...plan.load, allowInitialErrors };
  const seed = plan.seed + place.order;
  const url = reachedUrl(proxyFor(target.url, loadPlan.proxies) ?? target.url, loadPlan);
  await using scraper = await startScraper({
    target: { ...target, url, unixSocket: loadPlan.unixSocket },
    intervalMs: plan.scrape.intervalMs,
  });
  await using hops = await startHops({
    first: scraper,
    hops: target.hops ?? [],
    mode: kind === "lab" ? target.mode : null,
    intervalMs: plan.scrape.intervalMs,
  });
  const serial = plan.map === "serial" ? await watchOpenings(scraper.readTotal, loadPlan.connect) : null;
  await using driver = await startDriver({
    load: loadPlan,
    url: target.url,
    seed,
    workerHeader,
    starts: logged,
    signal,
    ...(serial === null ? {} : { afterEachOpened: serial.opened }),
  });
  const startedAt = wallClock().toISOString();
  const mapping = await startMapping({
    choice: plan.map,
    keepalive: loadPlan.keepalive,
    pid: scraper.pid,
    tasks: scraper.tasks,
    serial: serial === null ? null : await serial.settle(),
    serverPort: driver.addresses.port,
    readActive: scraper.readActive,
    readTotal: scraper.readTotal,
  });

  await mapping.sample(driver.connections);
  await hops.look();
  const load = await driver.drive({
    onStart: (startAtUs) => {
      const inMs = (startAtUs - monotonicUs()) / 1e3 - scrapeAheadMs;
      for (const begin of [scraper.begin, hops.begin]) setTimeout(begin, inMs);
      onStart(startAtUs, driver.progress);
    },
  });
  const [observation, behind] = await Promise.all([scraper.stop(), hops.stop()]);
  await mapping.sample(load.connections);
  const mapped = await mapping.finish({ connections: load.connections, close: driver.closeConnection });

  const finished = createRun({
    identity: { ...place, side: target.side, startedAt },
    target: { kind, url: target.url, hop: "", mode: target.mode },
    plan: loadPlan,
    load,
    observation,
    behind,
    mapping: mapped,
    tailQuantile: plan.tailQuantile,
    percentiles: plan.percentiles,
  });
  const epochUs = epochOffsetUs() + load.startedAtUs;
  const requests = logged ? { order: place.order, epochUs, load, workerOf: mapped.workerOf } : null;
  return { run: finished, envoy: observation.envoy, requests };
}
