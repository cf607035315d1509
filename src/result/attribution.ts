/** What the attribution says of a result set (docs/METHOD.md). Derived: no run holds any of it. Intervals are 90 %. */

import type { Mode } from "../plan/mode.ts";
import type { Warning } from "./warnings.ts";

export interface Attribution {
  readonly tailQuantile: number;
  readonly fit: DoseResponse;
  readonly perRun: readonly RunAttribution[];
  readonly perMode: readonly ModeAttribution[];
  /** Doubts that only the runs together raise, such as `worker-uneven`. */
  readonly warnings: readonly Warning[];
}

/** How a worker's tail answers to its load, over all runs of the set with one intercept a run. */
export interface DoseResponse {
  /** `none`: not identifiable, and `reason` says why in words. */
  readonly shape: "queueing" | "log-linear" | "none";
  readonly reason: string | null;
  /** `queueing`: b of log tail = a − b·log(1 − ρx); `log-linear`: of log tail = a + b·x. */
  readonly slope: number | null;
  readonly interval: readonly [number, number] | null;
  /** Busy share of a worker at balance (0…1), median over the runs; `null` where it was not measured. */
  readonly busyShareAtBalance: number | null;
  /** Workers beyond the first in runs whose workers held different loads. */
  readonly contrasts: number;
  /** One a worker and run: what the fit saw, without lag. */
  readonly points: readonly {
    readonly run: number;
    readonly worker: number;
    /** Load relative to balanced: 1 is an equal share. */
    readonly x: number;
    readonly tailUs: number;
    readonly requests: number;
  }[];
}

export interface RunAttribution {
  readonly order: number;
  /** The mode, or the target's host and port where it is unknown; side and step before it, where there are any. */
  readonly group: string;
  readonly connectionSkew: Skew | null;
  readonly requestSkew: Skew | null;
  readonly perWorker: readonly {
    readonly worker: number;
    readonly requestShare: number;
    readonly tailShare: number;
    readonly lift: number;
  }[];
  /** Tail risk of the hottest worker over the coldest, with its interval by blocks. */
  readonly hotColdRisk: {
    readonly ratio: number;
    readonly interval: readonly [number, number] | null;
  } | null;
  /** Of each proxy of a chain; absent where one is watched. */
  readonly hops?: readonly HopAttribution[];
  /** Where along the chain the tail arises; absent where one proxy is watched. */
  readonly tailByHop?: HopTail;
  readonly independentTailSamples: number;
  readonly tailUs: number;
  /** The quantile lies above a censored age: print it with "≥". */
  readonly tailCensored: boolean;
  readonly lagUs: number;
  readonly skewUs: number | null;
  readonly restUs: number | null;
  /** Skew ÷ tail; may be negative. */
  readonly skewShare: number | null;
  /** The tail had every worker held an equal share; the same as `restUs`. */
  readonly balancedTailUs: number | null;
  /** Balanced tail by the other shape: the gap is model uncertainty. */
  readonly balancedTailOtherUs: number | null;
}

/** What is known of one proxy of a chain. */
export interface HopAttribution {
  readonly hop: number;
  readonly connectionSkew: Skew | null;
  /** Of the CPU that its workers used: the load, as far as all requests cost the same. */
  readonly cpuSkew: Skew | null;
  readonly perWorker: readonly HopShares[];
  readonly sentence: string;
}

/** What the proxies' own clocks say of the tail, from the client on; bounds, for they count whole milliseconds. */
export interface HopTail {
  /** One for each place of the way at which times are known; none where no proxy tells any. */
  readonly parts: readonly HopPart[];
  readonly sentence: string;
}

export interface HopPart {
  /** 0: the client. */
  readonly hop: number;
  /** `downstream`: what the hop's client waits for; `upstream`: what the hop waits for itself. */
  readonly side: "client" | "downstream" | "upstream";
  /** Those that its quantile is of: of a hop, the ones between two flushes within the load. */
  readonly requests: number;
  /** The tail quantile of all that lies behind this place. */
  readonly tailUs: readonly [number, number];
  /** Between this place and the next, in words. */
  readonly where: string;
  /** This tail less that of the next place; may be negative, for quantiles do not add up. */
  readonly addedUs: readonly [number, number];
}

/** A worker's shares of its hop. */
export interface HopShares {
  readonly worker: number;
  readonly connectionShare: number | null;
  readonly cpuShare: number | null;
  /** Least and most, by where the connections of hop 1's workers lead; `null` at other hops than the second. */
  readonly requestShare: readonly [number, number] | null;
  /** The same of the requests beyond the tail quantile. */
  readonly tailShare: readonly [number, number] | null;
}

/** How unequal counts over workers are. */
export interface Skew {
  readonly maxOverMean: number;
  /** Coefficient of variation (population). */
  readonly cv: number;
  /** Jain's fairness index: 1 equal, 1/W all on one. */
  readonly jain: number;
  /** P(at least this uneven) under a uniform multinomial; `null` where chance is not the null model. */
  readonly p: number | null;
}

/**
 * Which skew the tail follows from worker to worker: of two that differ one, or `unclear`; `alike` where every worker's
 * share of the connections is its share of the requests, so that they are one.
 */
export type Carrier = "connections" | "requests" | "unclear" | "alike";

/** Medians over a mode's runs, lag + skew + rest adding up to the tail. */
export interface ModeAttribution {
  readonly group: string;
  readonly mode: Mode | null;
  readonly runs: number;
  readonly tailUs: number;
  readonly tailRangeUs: readonly [number, number];
  /** In some run the quantile lies above a censored age: print it with "≥". */
  readonly tailCensored: boolean;
  readonly lagUs: number;
  readonly skewUs: number | null;
  readonly restUs: number | null;
  /** Skew ÷ tail, the median over the runs; may be negative. */
  readonly skewShare: number | null;
  /** Smallest and largest over the runs: how much the draw of the placement matters. */
  readonly skewShareRange: readonly [number, number] | null;
  /** How sure the median of these runs is. */
  readonly skewShareInterval: readonly [number, number] | null;
  /** Under 5 runs an interval only indicates. */
  readonly indicative: boolean;
  readonly balancedTailUs: number | null;
  /** By the other shape: the gap is model uncertainty. */
  readonly balancedTailOtherUs: number | null;
  /** What exact_balance measured without lag, the median of its balanced runs; `null` for exact_balance itself. */
  readonly measuredBalancedTailUs: number | null;
  readonly hotColdRisk: number | null;
  /** Of the connections, the median over the runs. */
  readonly maxOverMean: number | null;
  /** Of the requests, likewise. */
  readonly requestMaxOverMean: number | null;
  readonly carrier: Carrier | null;
  /** P(runs at least so uneven, all together) by chance; `null` where chance is not the null model. */
  readonly skewP: number | null;
  /** `order` of the run nearest to the median, the sentence's example. */
  readonly exampleRun: number;
  readonly sentence: string;
}
