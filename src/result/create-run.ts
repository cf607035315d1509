/** Makes the `Run` of a result from what the driver, the scraper and the mapping hand over. Pure. */

import { Histogram } from "../histogram.ts";
import { plannedUs } from "../plan/amount-plan.ts";
import type { LoadPlan } from "../plan/plan.ts";
import { RateCurve } from "../plan/rate-curve.ts";
import { connectionResults, tailOf } from "./connection-results.ts";
import { quantileUs, toDistribution } from "./distribution.ts";
import { hopResults } from "./hops.ts";
import { failureReasonOf, isErrorStatus } from "./load.ts";
import type { LoadConnection } from "./load.ts";
import type { Mapping } from "./mapping.ts";
import type { Observation } from "./observation.ts";
import type { Distribution, Run, WorkerResult } from "./result.ts";
import type { RunParts } from "./run-parts.ts";
import { runWarnings } from "./run-warnings.ts";
import { requestKindResults } from "./request-kinds.ts";
import { createSeries } from "./series.ts";
import { stageResults } from "./stage-results.ts";
import { stateOf } from "./stop.ts";
import type { Stop } from "./stop.ts";
import { sumOf, tallySamples } from "./tally.ts";
import type { GroupTally, Tally } from "./tally.ts";

const nothingAnswered: Stop = { code: "no-answer", message: "nothing was ever answered" };

/** Builds the run: histograms in total and per worker, series, connections, the tail, and the doubts. */
export function createRun(parts: RunParts): Run {
  const { identity, target, plan, load, observation, mapping } = parts;
  const workers = workerIds(observation, mapping);
  const workerOf = Int32Array.from(load.connections, ({ id }) => mapping.workerOf.get(id) ?? -1);
  const groups = { groupOf: groupsOf(workerOf, workers), groups: workers.length + 1 };
  const tally = tallySamples(load.samples, { ...groups, frameUs: frameOf(parts) });
  const distribute = (histogram: Histogram): Distribution => toDistribution(histogram, parts.percentiles);

  const latency = sumOf(tally.groups.map((group) => group.latency));
  const latencyWithoutLag = sumOf(tally.groups.map((group) => group.latencyWithoutLag));
  const opened = openedBy(parts);
  const mapped = opened.filter(({ id }) => mapping.workerOf.has(id)).length;
  const thresholdUs = quantileUs(latency, parts.tailQuantile);
  const tailed = tailOf(load, { thresholdUs, keepalive: plan.keepalive });
  const actual = actualOf(parts, tally);
  const stop = load.stop ?? (actual.requests === 0 ? nothingAnswered : null);

  const perWorker = workers.map((id, i) =>
    workerResult(id, { tally: tally.groups[i]!, parts, opened, distribute }),
  );
  const run: Omit<Run, "warnings"> = {
    ...identity,
    mode: target.mode,
    target: { kind: target.kind, url: target.url, hop: target.hop },
    state: stateOf(stop),
    stop,
    protocol: plan.protocol,
    keepalive: plan.keepalive,
    requested: {
      qps: askedQps(plan),
      connections: plan.connections,
      durationS: (plannedUs(plan) ?? 0) / 1e6,
    },
    retired: opened.filter(({ retired }) => retired).length,
    openFailures: load.connectFailures,
    requestKinds: requestKindResults(load, plan),
    actual: { ...actual, connections: new Set(opened.map(({ slot }) => slot)).size },
    ...outcomesOf(tally),
    censored: tally.censored,
    skipped: load.skipped,
    redirects: load.redirects,
    kernelTimed: load.kernelTimed,
    socketsOpened: opened.length,
    addresses: countsOf(opened.map(({ remoteAddress }) => remoteAddress)),
    bytes: { sent: load.bytesSent, received: load.bytesReceived },
    latency: distribute(latency),
    latencyWithoutLag: distribute(latencyWithoutLag),
    serviceTime: distribute(sumOf(tally.groups.map((group) => group.serviceTime))),
    blocked: distribute(tally.blocked),
    lag: distribute(tally.lag),
    connectTime: distribute(histogramFrom(opened.map(({ connectTimeUs }) => connectTimeUs))),
    tlsTime: distribute(histogramFrom(opened.map(({ tlsTimeUs }) => tlsTimeUs))),
    tlsResumed: opened.filter(({ resumed }) => resumed).length,
    failureLatency: distribute(tally.failureLatency),
    workers: perWorker,
    connections: plan.keepalive
      ? connectionResults(load, { plan, workerOf, tail: tailed.perConnection })
      : [],
    tail: { quantile: parts.tailQuantile, thresholdUs, blocks: tailed.blocks },
    proof: observation.proof,
    hops: hopResults(parts, perWorker),
    mapping: {
      method: mapping.method,
      mapped,
      unmapped: opened.length - mapped,
      checks: mapping.checks,
      reason: mapping.reason,
    },
    stages: stageResults({
      load,
      stages: plan.stages,
      workers,
      groupOf: groups.groupOf,
      percentiles: parts.percentiles,
    }),
    series: createSeries({ load, durationUs: load.durationUs }, { workers, workerOf }, observation.seconds),
  };
  const lagInTailUs = thresholdUs - quantileUs(latencyWithoutLag, parts.tailQuantile);
  return { ...run, warnings: runWarnings({ run, parts, tally, lagInTailUs }) };
}

/** Every worker that anything knows of: one without connections is what skew looks like. */
function workerIds(observation: Observation, mapping: Mapping): number[] {
  const ids = new Set([...observation.workers.map(({ id }) => id), ...mapping.workerOf.values()]);
  for (let id = 0; id < (observation.envoy?.concurrency ?? 0); id++) ids.add(id);
  return [...ids].sort((a, b) => a - b);
}

/** The group of each connection row: the position of its worker, or the last one where it has none. */
function groupsOf(workerOf: Int32Array, workers: readonly number[]): Uint32Array {
  const positions = new Map(workers.map((id, position) => [id, position]));
  return Uint32Array.from(workerOf, (id) => positions.get(id) ?? workers.length);
}

/** The connections that opened; of short-lived ones, those of the measured load and not of its warm-up. */
function openedBy({ load, plan, target }: RunParts): LoadConnection[] {
  const secure = target.url.startsWith("https:");
  return load.connections.filter(
    ({ connectTimeUs, tlsTimeUs, openedAtUs }) =>
      (secure ? tlsTimeUs : connectTimeUs) !== null && (plan.keepalive || openedAtUs >= load.startedAtUs),
  );
}

/** Of a load of stages, the mean rate; of one whose last stage is held until interrupted, the rate of that. */
function askedQps(plan: LoadPlan): number {
  const { stages, qps, durationUs } = plan;
  if (stages.length === 0 || qps === 0) return qps;
  if (durationUs === 0) return stages.at(-1)!.toQps;
  return Math.round((new RateCurve(plan).total / durationUs) * 1e9) / 1e3;
}

/** How long there was a schedule to keep, in microseconds; endless where there is none. */
function frameOf({ plan, load }: RunParts): number {
  return plan.qps === 0 ? Infinity : load.durationUs;
}

/**
 * The rate that was got: complete responses to requests sent within the time of the schedule, over that time. What was
 * sent only afterwards, from the backlog, does not count: the target did not keep that rate. Without a schedule
 * (`-qps 0`) it is all complete responses over the duration, and with `-n` until the last of them, as Fortio does.
 */
function actualOf(parts: RunParts, tally: Tally): Omit<Run["actual"], "connections"> {
  const { plan, load } = parts;
  const requests = tally.groups.reduce((sum, group) => sum + group.requests, 0);
  const lastUs = plan.exactly === null || load.stop !== null ? 0 : tally.lastResponseUs;
  const frameUs = frameOf(parts);
  const elapsedUs = Number.isFinite(frameUs) ? frameUs : Math.max(load.durationUs, lastUs);
  const onTime = requests - tally.late.answered;
  return {
    qps: elapsedUs > 0 ? Math.round((onTime / elapsedUs) * 1e9) / 1e3 : 0,
    durationS: elapsedUs / 1e6,
    requests,
    driverCpuS: load.driverCpuS,
  };
}

function outcomesOf({ outcomes }: Tally): Pick<Run, "statuses" | "failures"> {
  const statuses: Record<string, number> = {};
  const failures: Record<string, number> = {};
  for (const [outcome, count] of [...outcomes].sort(([a], [b]) => a - b)) {
    const reason = failureReasonOf(outcome);
    if (reason === undefined) statuses[String(outcome)] = count;
    else failures[reason] = count;
    if (isErrorStatus(outcome)) failures["http-error"] = (failures["http-error"] ?? 0) + count;
  }
  return { statuses, failures };
}

interface WorkerParts {
  readonly tally: GroupTally;
  readonly parts: RunParts;
  readonly opened: readonly LoadConnection[];
  readonly distribute: (histogram: Histogram) => Distribution;
}

function workerResult(id: number, { tally, parts, opened, distribute }: WorkerParts): WorkerResult {
  const { mapping, observation } = parts;
  const seen = observation.workers.find((worker) => worker.id === id);
  const mapped = opened.filter((one) => mapping.workerOf.get(one.id) === id).length;
  return {
    id,
    ...(seen?.name === undefined ? {} : { name: seen.name }),
    // Where no connection could be mapped, Envoy's own count of accepts is the best there is.
    connections: mapping.workerOf.size > 0 ? mapped : (seen?.connectionsOpened ?? 0),
    requests: tally.requests,
    failures: tally.failures,
    cpuPercent: seen?.cpuPercent ?? null,
    latency: distribute(tally.latency),
    latencyWithoutLag: distribute(tally.latencyWithoutLag),
    serviceTime: distribute(tally.serviceTime),
    dispatcher: seen?.dispatcher ?? null,
  };
}

function countsOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function histogramFrom(values: readonly (number | null)[]): Histogram {
  const histogram = new Histogram();
  for (const us of values) if (us !== null && Number.isFinite(us)) histogram.record(us);
  return histogram;
}
