/** The run second by second: our requests joined with what the scraper saw in the same second. */

import { groupedQuantiles } from "./distribution.ts";
import { failureReasonOf } from "./load.ts";
import type { Load, Samples } from "./load.ts";
import type { ObservedSecond } from "./observation.ts";
import type { SeriesPoint } from "./result.ts";
import { countBy } from "./tally.ts";

/**
 * One point a second of the load, by the intended start of its requests. `workerOf` gives the worker of each connection
 * row (−1: unknown), `workers` the ids to list. A scrape stands in the second that most of its interval lies in.
 * Requests above the cap of kept samples are counted in their second, but neither its quantiles nor their workers are known.
 */
export function createSeries(
  { load, durationUs }: { load: Load; durationUs: number },
  { workers, workerOf }: { workers: readonly number[]; workerOf: Int32Array },
  observed: readonly ObservedSecond[],
): SeriesPoint[] {
  const { samples } = load;
  const seconds = secondsOf(load, durationUs);
  const { requests, failures } = countBy(samples, "second", seconds);
  const quantiles = groupedQuantiles(
    { values: samples.latencyUs, keys: samples.second, count: samples.count },
    seconds,
    [0.5, 0.99],
  );
  const mapped = workerOf.some((id) => id >= 0);
  const perWorker = requestsPerWorker(load, seconds, { workers, workerOf });
  const scrapes = scrapesBySecond(observed, load.startedAtUs);

  return Array.from({ length: seconds }, (_, second) => {
    const coarse = hasCoarse(samples, second);
    const unknown = coarse || (requests[second] === 0 && failures[second] === 0);
    const scraped = scrapes.get(second) ?? [];
    return {
      second,
      requests: requests[second]!,
      failures: failures[second]!,
      p50Us: unknown ? null : quantiles[second]![0]!,
      p99Us: unknown ? null : quantiles[second]![1]!,
      workers: workers.map((id, row) => {
        const seen = scraped.map((scrape) => scrape.workers.find((worker) => worker.id === id));
        return {
          id,
          connections: seen.at(-1)?.connections ?? null,
          requests: coarse || !mapped ? null : perWorker[row * seconds + second]!,
          cpuPercent: mean(seen.map((worker) => worker?.cpuPercent)),
        };
      }),
      steal: mean(scraped.map((scrape) => scrape.steal)),
      cpuPressure: mean(scraped.map((scrape) => scrape.cpuPressure)),
    };
  });
}

const isSome = (count: number): boolean => count > 0;

function secondsOf({ samples }: Load, durationUs: number): number {
  let seconds = Math.ceil(durationUs / 1e6 - 1e-6);
  for (let i = 0; i < samples.count; i++) seconds = Math.max(seconds, samples.second[i]! + 1);
  const coarse = samples.coarse?.second;
  return Math.max(
    seconds,
    (coarse?.requests.findLastIndex(isSome) ?? -1) + 1,
    (coarse?.failures.findLastIndex(isSome) ?? -1) + 1,
  );
}

/** Whether requests of this second lie above the cap of kept samples. */
export function hasCoarse({ coarse }: Samples, second: number): boolean {
  return (coarse?.second.requests[second] ?? 0) + (coarse?.second.failures[second] ?? 0) > 0;
}

/** Complete responses by second of the intended start, row by row of `workers`. */
function requestsPerWorker(
  { samples }: Load,
  seconds: number,
  { workers, workerOf }: { workers: readonly number[]; workerOf: Int32Array },
): Uint32Array {
  const counts = new Uint32Array(workers.length * seconds);
  const rowOf = new Map(workers.map((id, row) => [id, row]));
  const rows = Int32Array.from(workerOf, (id) => rowOf.get(id) ?? -1);
  for (let i = 0; i < samples.count; i++) {
    const row = rows[samples.connection[i]!] ?? -1;
    if (row < 0 || failureReasonOf(samples.outcome[i]!) !== undefined) continue;
    counts[row * seconds + samples.second[i]!]!++;
  }
  return counts;
}

function scrapesBySecond(
  observed: readonly ObservedSecond[],
  startedAtUs: number,
): Map<number, ObservedSecond[]> {
  const bySecond = new Map<number, ObservedSecond[]>();
  observed.forEach((scrape, i) => {
    // A scrape tells of the time since the one before; the first is taken to tell of a second.
    const sinceUs = observed[i - 1]?.atUs ?? scrape.atUs - 1e6;
    const second = Math.floor(((sinceUs + scrape.atUs) / 2 - startedAtUs) / 1e6);
    bySecond.set(second, [...(bySecond.get(second) ?? []), scrape]);
  });
  return bySecond;
}

function mean(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((value) => value !== null && value !== undefined);
  if (known.length === 0) return null;
  const average = known.reduce((sum, value) => sum + value, 0) / known.length;
  return Math.round(average * 1e4) / 1e4;
}
