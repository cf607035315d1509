/** What the tail is at each place along a chain of proxies, by their own clocks. */

import type { HopTail } from "../result/attribution.ts";
import { formatMillis } from "../units.ts";

export const hopTailCaption =
  "The tail at each place of the way, by the proxies' own clocks; quantiles do not add up";

/** `tail` is the name of the quantile. */
export const hopTailTitles = (tail: string): string[] => [
  "",
  `${tail}, ms`,
  "requests",
  "more than next, ms",
  "arises",
];

/** A row for each place at which times are known. */
export function hopTailRows(tail: HopTail | undefined): string[][] {
  return (tail?.parts ?? []).map(({ hop, side, tailUs, requests, addedUs, where }) => [
    side === "client" ? side : `hop ${hop} ${side}`,
    range(tailUs),
    String(requests),
    range(addedUs),
    where,
  ]);
}

const range = ([least, most]: readonly [number, number]): string =>
  `${formatMillis(least)} to ${formatMillis(most)}`;
