/**
 * Where along a chain of proxies the tail arises, by each Envoy's own clock (docs/METHOD.md §2). A quantile of what passed
 * at one place less that of the next place only points at what lies between: quantiles do not add up. Bounds are those of
 * Envoy's bins, and of the quantile's rank among so many requests (H. David, H. Nagaraja, Order Statistics, 2003, §7.1).
 */

import type { HopPart, HopTail } from "../result/attribution.ts";
import { histogramOf, quantileUs, roundUs } from "../result/distribution.ts";
import type { HopResult, MillisBin } from "../result/hops.ts";
import type { Distribution, Run } from "../result/result.ts";
import { formatMicros, percentileName } from "../units.ts";

type Bounds = readonly [number, number];

/** A place that every request passes, and the tail of what lies behind it. */
type Place = Omit<HopPart, "where" | "addedUs">;

/** 90 % of the draws of a rank lie within so many standard deviations of it. */
const deviations = 1.645;

/** From the client to the last hop of which anything is known. */
export function tailByHop({ hops, latencyWithoutLag: latency, tail: { quantile } }: Run): HopTail {
  const client = clientPlace({ latency, quantile });
  const behind = hops.flatMap((hop) => hopPlaces(hop, quantile));
  const places = client === null ? behind : [client, ...behind];
  const parts = behind.length === 0 ? [] : places.map((place, i) => partOf(place, places[i + 1]));
  return { parts, sentence: [verdict(parts, quantile), ...unknownOf(hops, behind)].join(" ").trim() };
}

/** Without lag: what the driver does late arises nowhere on the way. */
function clientPlace({
  latency,
  quantile,
}: {
  readonly latency: Distribution;
  readonly quantile: number;
}): Place | null {
  const shares = rankBounds(latency.count, quantile)?.map((rank) => rank / latency.count);
  if (shares === undefined) return null;
  const histogram = histogramOf(latency);
  const [least = 0, most = 0] = shares.map((share) => quantileUs(histogram, share));
  return { side: "client", hop: 0, requests: latency.count, tailUs: [least, most] };
}

function hopPlaces({ hop, times }: HopResult, quantile: number): Place[] {
  return (["downstream", "upstream"] as const).flatMap((side) => {
    const bins = times?.[side] ?? [];
    const requests = bins.reduce((sum, { count }) => sum + count, 0);
    const ranks = rankBounds(requests, quantile);
    if (ranks === null) return [];
    const [least, most] = ranks.map((rank) => binAt(bins, rank));
    return [{ side, hop, requests, tailUs: [1e3 * least!.fromMs, 1e3 * most!.toMs] as const }];
  });
}

/** Ranks (1…count) between which the quantile lies; `null` where the upper one is beyond all of so few. */
function rankBounds(count: number, quantile: number): Bounds | null {
  const spread = deviations * Math.sqrt(count * quantile * (1 - quantile));
  const most = Math.ceil(count * quantile + spread);
  return most > count || count === 0 ? null : [Math.max(1, Math.floor(count * quantile - spread)), most];
}

function binAt(bins: readonly MillisBin[], rank: number): MillisBin {
  let below = 0;
  for (const bin of bins) {
    below += bin.count;
    if (below >= rank) return bin;
  }
  return bins.at(-1)!; // unreachable: the ranks of all bins end at their count
}

function partOf(place: Place, next: Place | undefined): HopPart {
  const { tailUs } = place;
  const [least, most] = next?.tailUs ?? [0, 0];
  return {
    ...place,
    where: between(place, next),
    addedUs: [roundUs(tailUs[0] - most), roundUs(tailUs[1] - least)],
  };
}

function between({ side, hop }: Place, next: Place | undefined): string {
  if (next === undefined)
    return side === "upstream" ? `behind hop ${hop}` : `within hop ${hop} and behind it`;
  if (side === "client")
    return next.side === "upstream" ? `up to and within hop ${next.hop}` : `before hop ${next.hop}`;
  const within = side === "downstream" ? `within hop ${hop}` : "";
  if (next.hop === hop) return within;
  const way = `between hop ${hop} and hop ${next.hop}`;
  const after = next.side === "upstream" ? `within hop ${next.hop}` : "";
  return [within, way, after].filter((part) => part !== "").join(" and ");
}

function verdict(parts: readonly HopPart[], quantile: number): string {
  const tail = percentileName(quantile);
  const [largest, ...others] = parts.toSorted((a, b) => b.addedUs[0] - a.addedUs[0]);
  if (largest === undefined) return "";
  const caution = "Quantiles do not add up, and Envoy counts whole milliseconds.";
  const [least, most] = largest.addedUs;
  if (least <= 0 || others.some(({ addedUs }) => addedUs[1] >= least))
    return `No part of the way is known to add more to ${tail} than all others. ${caution}`;
  return `The largest part of ${tail} arises ${largest.where}: between ${formatMicros(least)} and ${formatMicros(most)}. ${caution}`;
}

function unknownOf(hops: readonly HopResult[], places: readonly Place[]): string[] {
  return hops.flatMap(({ hop, times }) => {
    const seen = places.filter((place) => place.hop === hop).length;
    const why = (times?.reason ?? "") || "too few requests for this quantile";
    if (seen === 2 || times === null) return [];
    return [`How long requests took at hop ${hop} is ${seen === 0 ? "not known" : "known in part"}: ${why}.`];
  });
}
