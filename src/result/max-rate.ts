/** What a search for the highest rate found. Derived from the runs, and recomputable from them. */

import type { Mode } from "../plan/mode.ts";
import type { ABSide } from "../plan/plan.ts";

/** The highest rate at which one target holds its objectives. */
export interface MaxRate {
  /** The target's name. */
  readonly target: string;
  readonly side: ABSide | "";
  readonly mode: Mode | null;
  /** The highest rate that held, below every rate that did not; `null` where none did. */
  readonly qps: number | null;
  /** The lowest rate that did not hold; `null` where none failed. */
  readonly failedQps: number | null;
  readonly end: MaxRateEnd;
  /** The rates that were driven, from the lowest on. */
  readonly probes: readonly RateProbe[];
  /** All of it in words. */
  readonly sentence: string;
}

/**
 * `found`: the two rates lie within the resolution. `all-held`, `none-held`: up to the highest, or down to the lowest rate of
 * the search. `undecided`: the runs at the next rate do not tell whether it holds, or would not. `driver-saturated`: what failed
 * above `qps` was mesh-load itself. `unfinished`: the search was interrupted.
 */
export const maxRateEnds = [
  "found",
  "all-held",
  "none-held",
  "undecided",
  "driver-saturated",
  "unfinished",
] as const;
export type MaxRateEnd = (typeof maxRateEnds)[number];

/** One rate, and what the median of its runs says. */
export interface RateProbe {
  readonly qps: number;
  /** Runs at this rate; those that were interrupted do not count. */
  readonly runs: number;
  /** `null` where they do not tell: too few requests for a quantile, for one. */
  readonly held: boolean | null;
  /** In most of the runs mesh-load was too slow, so that nothing is known of the target. */
  readonly driverSaturated: boolean;
  readonly message: string;
}
