/** What the attribution says of a result set (DESIGN §6, docs/METHOD.md). Derived: no run holds any of it. */

import type { Mode } from "../plan/mode.ts";

export interface Attribution {
  readonly tailQuantile: number;
  readonly fit: DoseResponse;
  readonly perRun: readonly RunAttribution[];
  readonly perMode: readonly ModeAttribution[];
}

/** How a worker's tail answers to its load, over all runs of the set with one intercept a run. */
export interface DoseResponse {
  /** `none`: not identifiable, and `reason` says why in words. */
  readonly shape: "queueing" | "log-linear" | "none";
  readonly reason: string | null;
  readonly slope: number | null;
  readonly interval: readonly [number, number] | null;
  /** Busy share of a worker at balance, where it was measured. */
  readonly busyShareAtBalance: number | null;
  readonly contrasts: number;
  /** One a worker and run: what the fit saw. */
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
  /** A named result: `default`, or the target's label where the mode is unknown. */
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
  readonly independentTailSamples: number;
  readonly tailUs: number;
  /** The quantile lies above a censored age: print it with "≥". */
  readonly tailCensored: boolean;
  readonly lagUs: number;
  readonly skewUs: number | null;
  readonly restUs: number | null;
  readonly balancedTailUs: number | null;
  /** Balanced tail by the other shape: the gap is model uncertainty. */
  readonly balancedTailOtherUs: number | null;
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

/** Medians over a mode's runs, lag + skew + rest adding up to the tail. */
export interface ModeAttribution {
  readonly group: string;
  readonly mode: Mode | null;
  readonly runs: number;
  readonly tailUs: number;
  readonly tailRangeUs: readonly [number, number];
  readonly lagUs: number;
  readonly skewUs: number | null;
  readonly restUs: number | null;
  readonly skewShare: number | null;
  readonly skewShareInterval: readonly [number, number] | null;
  /** Under 5 runs an interval only indicates. */
  readonly indicative: boolean;
  readonly balancedTailUs: number | null;
  readonly measuredBalancedTailUs: number | null;
  readonly hotColdRisk: number | null;
  readonly maxOverMean: number | null;
  readonly skewP: number | null;
  /** The run nearest to the median, the sentence's example. */
  readonly exampleRun: number;
  readonly sentence: string;
}
