/** How many requests a proxy on the way counts, where nobody else uses it. */

import type { Load } from "./load.ts";
import type { Run } from "./result.ts";

/**
 * At least those that were answered, at most all that were sent: one that failed may have reached it or not. A redirect
 * that was followed is one more request, to the same proxy or elsewhere.
 */
export function requestBounds(
  { actual, latency, failures }: Pick<Run, "actual" | "latency" | "failures">,
  { redirects, warmup }: Load,
): readonly [least: number, most: number] {
  const sent = latency.count - (failures["never-sent"] ?? 0);
  return [actual.requests + warmup.answered, sent + redirects + warmup.sent + warmup.redirects];
}
