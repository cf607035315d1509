/**
 * How long requests took at one proxy, by its own clock: the histograms `http.<prefix>.downstream_rq_time` of the driven
 * listener and `cluster.<name>.upstream_rq_time` of the clusters that it routes to. Pure.
 */

import type { MillisBin, RequestTimes } from "../result/hops.ts";
import { binsBetween, countOf } from "./histograms.ts";
import type { Bin, Histograms } from "./histograms.ts";
import { whyHidden } from "./stats-matcher.ts";
import { escapeRegex } from "./stats.ts";
import { clustersOf, prefixesOf, statNamesOf } from "./upstreams.ts";

/** The stats of one listener, or in words why there are none. */
export type TimeStats = TimeNames | string;

interface TimeNames {
  readonly downstream: readonly string[];
  readonly upstream: readonly string[];
  /** Why Envoy does not show some of them, or some are not asked for; empty where nothing is in the way. */
  readonly obstacle: string;
}

interface Flushed {
  readonly first: Histograms;
  readonly last: Histograms;
}

/** A listener's routes may name every service of a mesh. */
const mostClusters = 16;

/** Of the listener called `name`, out of `/config_dump` and `/clusters?format=json`. */
export function timeStats(dump: unknown, statuses: unknown, name: string): TimeNames {
  const clusters = statNamesOf(statuses, clustersOf(dump, name));
  const downstream = [...prefixesOf(dump, name)].map((prefix) => `http.${prefix}.downstream_rq_time`);
  const upstream =
    clusters.length > mostClusters ? [] : clusters.map((one) => `cluster.${one}.upstream_rq_time`);
  const why = [...downstream, ...upstream].map((stat) => whyHidden(dump, stat)).find((one) => one !== null);
  const many =
    clusters.length > mostClusters
      ? `its listener routes to ${clusters.length} clusters, more than the ${mostClusters} that are asked for`
      : "";
  const obstacle = why === undefined ? many : `${why!.cause}: ${why!.remedy.replace(/\.$/, "")}`;
  return {
    downstream,
    upstream,
    obstacle,
  };
}

/** The RE2 expression for the histograms; ask with `detailed`. */
export function timesFilter({ downstream, upstream }: TimeNames): string {
  return `^(${[...downstream, ...upstream].map(escapeRegex).join("|")})$`;
}

/** The times between two flushes within a load; `requests` is what the listener counted over all of it. */
export function timesBetween(
  names: TimeStats,
  flushed: Flushed | null,
  requests: number | null,
): RequestTimes {
  if (typeof names === "string") return { downstream: null, upstream: null, reason: names };
  if (flushed === null) return { downstream: null, upstream: null, reason: unflushed };
  const downstream = sumBetween(names.downstream, flushed);
  const upstream = sumBetween(names.upstream, flushed);
  const shared = (bins: readonly Bin[] | null): boolean =>
    bins !== null && requests !== null && countOf(bins) > requests;
  if (shared(downstream) || shared(upstream))
    return {
      downstream: null,
      upstream: null,
      reason: "other listeners' requests are in the same histograms",
    };
  const reason = [
    downstream === null ? missing(names, "downstream", flushed) : "",
    upstream === null ? missing(names, "upstream", flushed) : "",
  ];
  return {
    downstream: downstream?.map(inMillis) ?? null,
    upstream: upstream?.map(inMillis) ?? null,
    reason: [...new Set(reason)].filter((part) => part !== "").join("; "),
  };
}

const unflushed =
  "Envoy did not flush its histograms twice during the load (`stats_flush_interval`, 5 s unless configured): load for longer";

function missing(all: TimeNames, side: "downstream" | "upstream", { first, last }: Flushed): string {
  const names = all[side];
  if (all.obstacle !== "") return all.obstacle;
  if (names.length === 0)
    return side === "upstream"
      ? "its listener names no cluster (it answers by itself, or a header chooses)"
      : "its listener has no HTTP filter";
  const [before, after] = [first, last].map((read) =>
    names.reduce((sum, name) => sum + countOf(read.get(name) ?? []), 0),
  );
  if (after! < before!) return "Envoy's counters went backwards";
  if (after! > 0) return unflushed;
  return `/stats has nothing in \`${names[0]}\` (no request went there, or this Envoy does not tell its bins)`;
}

function sumBetween(names: readonly string[], { first, last }: Flushed): readonly Bin[] | null {
  const sum = new Map<number, Bin>();
  for (const name of names)
    for (const bin of binsBetween(first.get(name) ?? [], last.get(name) ?? []) ?? [])
      if (bin.count > 0) sum.set(bin.lower, { ...bin, count: bin.count + (sum.get(bin.lower)?.count ?? 0) });
  return sum.size === 0 ? null : [...sum.values()].sort((a, b) => a.lower - b.lower);
}

/** Envoy cuts a duration to whole milliseconds: 12 is anything from 12 to 13. */
function inMillis({ lower, width, count }: Bin): MillisBin {
  const fromMs = Math.floor(lower);
  return { fromMs, toMs: Math.max(fromMs + 1, Math.round(lower + width)), count };
}
