/**
 * Envoy's histograms → the part of them that belongs to a load. Pure.
 *
 * Envoy moves them to /stats only at a flush (`stats_flush_interval`, 5 s unless configured). Its `cumulative`
 * quantiles tell of the whole life of the process and its `interval` ones of the last flush alone; but the bins are
 * counts, so those of the load are a difference: from the first flush that happened within the load to the last.
 */

/** One bin of circllhist: 90 a decade. */
export interface Bin {
  readonly lower: number;
  readonly width: number;
  readonly count: number;
}

/** Bins since Envoy's start, by the name of the stat. */
export type Histograms = ReadonlyMap<string, readonly Bin[]>;

/** Reads `/stats?format=json&histogram_buckets=detailed`; empty where there are none, or in another form. */
export function parseHistograms(stats: unknown): Histograms {
  const rows = (stats as { stats?: { histograms?: { details?: readonly Details[] } }[] } | null)?.stats;
  if (!Array.isArray(rows)) return new Map();
  return new Map(
    rows
      .flatMap((row) => row.histograms?.details ?? [])
      .map(({ name, totals }) => [
        name,
        totals.map(({ lower_bound, width, count }) => ({ lower: lower_bound, width, count })),
      ]),
  );
}

/** Values in all of them, as far as Envoy has flushed them: grows at a flush and not between. */
export function countAll(histograms: Histograms): number {
  return [...histograms.values()].reduce((sum, bins) => sum + countOf(bins), 0);
}

/** The bins of one between two readings, ascending; `null` where nothing was added or a count went backwards. */
export function binsBetween(before: readonly Bin[], after: readonly Bin[]): readonly Bin[] | null {
  const counts = new Map(before.map(({ lower, count }) => [lower, count]));
  const bins = after.map((bin) => ({ ...bin, count: bin.count - (counts.get(bin.lower) ?? 0) }));
  const grew = countOf(bins) === countOf(after) - countOf(before) && bins.every(({ count }) => count >= 0);
  const sound = grew && countOf(bins) > 0;
  return sound ? bins.sort((a, b) => a.lower - b.lower) : null;
}

export function countOf(bins: readonly Bin[]): number {
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
