/**
 * Envoy's histograms of each worker's event loop (`enable_dispatcher_stats`) → the part that belongs to a load. Pure.
 *
 * Envoy moves them to /stats only at a flush (`stats_flush_interval`, 5 s unless configured). Its `cumulative`
 * quantiles tell of the whole life of the process and its `interval` ones of the last flush alone; but the bins are
 * counts, so those of the load are a difference: from the first flush that happened within the load to the last.
 */

import type { DispatcherDelay } from "../result/result.ts";

/** One bin of circllhist: 90 a decade. */
interface Bin {
  readonly lower: number;
  readonly width: number;
  readonly count: number;
}

/** Bins since Envoy's start, by worker and stat. */
export type DispatcherBins = ReadonlyMap<number, Readonly<Record<Stat, readonly Bin[]>>>;

type Stat = "poll_delay_us" | "loop_duration_us";

/** The RE2 expression for the histograms; ask with `detailed`. */
export const dispatcherFilter =
  "^listener_manager\\.worker_\\d+\\.dispatcher\\.(poll_delay|loop_duration)_us$";

/** Reads `/stats?format=json&histogram_buckets=detailed`; empty where dispatcher stats are not enabled. */
export function parseDispatcher(stats: unknown): DispatcherBins {
  const bins = new Map<number, Record<Stat, readonly Bin[]>>();
  for (const { name, totals } of histograms(stats)) {
    const [, id, stat] = /\.worker_(\d+)\.dispatcher\.(poll_delay_us|loop_duration_us)$/.exec(name) ?? [];
    if (id === undefined) continue;
    const worker = bins.get(Number(id)) ?? { poll_delay_us: [], loop_duration_us: [] };
    worker[stat as Stat] = totals.map(({ lower_bound, width, count }) => ({
      lower: lower_bound,
      width,
      count,
    }));
    bins.set(Number(id), worker);
  }
  return bins;
}

/** How often the loops of all workers turned, as far as Envoy has flushed it: grows at a flush and not between. */
export function countTurns(bins: DispatcherBins): number {
  let turns = 0;
  for (const worker of bins.values()) turns += countOf(worker.loop_duration_us);
  return turns;
}

/** The delays of `worker` between two readings; `null` where no flush lies between or a count went backwards. */
export function delayBetween(
  before: DispatcherBins,
  after: DispatcherBins,
  worker: number,
): DispatcherDelay | null {
  const from = before.get(worker);
  const to = after.get(worker);
  if (from === undefined || to === undefined) return null;
  const poll = difference(from.poll_delay_us, to.poll_delay_us);
  const loop = difference(from.loop_duration_us, to.loop_duration_us);
  if (poll === null || loop === null) return null;
  return {
    pollDelayP50Us: quantile(poll, 0.5),
    pollDelayP99Us: quantile(poll, 0.99),
    loopDurationP50Us: quantile(loop, 0.5),
    loopDurationP99Us: quantile(loop, 0.99),
  };
}

function difference(before: readonly Bin[], after: readonly Bin[]): readonly Bin[] | null {
  const counts = new Map(before.map(({ lower, count }) => [lower, count]));
  const bins = after.map((bin) => ({ ...bin, count: bin.count - (counts.get(bin.lower) ?? 0) }));
  const grew = countOf(bins) === countOf(after) - countOf(before) && bins.every(({ count }) => count >= 0);
  const sound = grew && countOf(bins) > 0;
  return sound ? bins.sort((a, b) => a.lower - b.lower) : null;
}

// Linear within the bin, which is at most a tenth of its value wide.
function quantile(bins: readonly Bin[], q: number): number {
  const rank = q * countOf(bins);
  let below = 0;
  for (const { lower, width, count } of bins) {
    if (count > 0 && below + count >= rank) return lower + (width * (rank - below)) / count;
    below += count;
  }
  return Number.NaN; // unreachable: the ranks of all bins end at `countOf(bins)`
}

function countOf(bins: readonly Bin[]): number {
  return bins.reduce((sum, { count }) => sum + count, 0);
}

interface Details {
  readonly name: string;
  readonly totals: readonly {
    readonly lower_bound: number;
    readonly width: number;
    readonly count: number;
  }[];
}

function histograms(stats: unknown): readonly Details[] {
  const rows = (stats as { stats?: { histograms?: { details?: readonly Details[] } }[] } | null)?.stats;
  if (!Array.isArray(rows)) return [];
  return rows.flatMap((row) => row.histograms?.details ?? []);
}
