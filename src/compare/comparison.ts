/**
 * What a comparison says (docs/COMPARE.md has the method): plain serialisable values, groups → metrics, and what the
 * gates make of them. Every output of a comparison is a function of this. Durations are in microseconds, shares 0…1.
 */

import type { Mode } from "../plan/mode.ts";
import type { Distribution } from "../result/result.ts";

/** Raised when a reader of the older version would misread the JSON. */
export const comparisonVersion = 1;

export interface Comparison {
  readonly comparisonVersion: typeof comparisonVersion;
  /** Two (lists of) result sets, the sides `a` and `b` of one set, or the modes of one set. */
  readonly of: "sets" | "sides" | "modes";
  /** `paired`: the runs of a block were interleaved, and each is judged against its neighbour. */
  readonly design: "paired" | "unpaired";
  /** One-sided level of every test; the intervals leave out so much on either side. */
  readonly alpha: number;
  readonly baseline: ComparedSide;
  readonly candidate: ComparedSide;
  /** Where plan, Envoy or machine differ; what stands here was either harmless or forced. */
  readonly differences: readonly FieldDifference[];
  /** Modes (or targets) that both sides have, in the order of the plan. Each has its metrics. */
  readonly groups: readonly ComparedGroup[];
  /** One for each gate and group that it is for. */
  readonly gates: readonly GateResult[];
  /** `failed`: some gate failed; `undecided`: none failed, some could not be decided. */
  readonly outcome: GateOutcome;
  /** Doubts, such as runs left out, modes that only one side has, noisy machines. */
  readonly notes: readonly string[];
}

export interface ComparedSide {
  /** The labels of its sets, `a` or `b`, or the mode. */
  readonly name: string;
  readonly sets: readonly { readonly id: string; readonly labels: string; readonly startedAt: string }[];
  readonly envoy: string | null;
  /** `null`: not known. */
  readonly cpuModel: string | null;
  readonly cpus: number | null;
  /** Completed runs, which are compared, and those that were left out. */
  readonly runs: number;
  readonly interrupted: number;
  readonly failed: number;
}

/** A field of plan or environment that is not the same on both sides. */
export interface FieldDifference {
  /** `load.qps`, `envoy`, `cpuModel` … */
  readonly field: string;
  readonly baseline: string;
  readonly candidate: string;
  /** `plan`: not comparable unless forced; `machine`: no latency is compared; `small`: compared, and told. */
  readonly weight: "plan" | "machine" | "small";
}

/** One mode (or target of unknown mode) on both sides. */
export interface ComparedGroup {
  /** `exact_balance`; what a gate names before its colon. Between modes the candidate's mode. */
  readonly group: string;
  /** As outputs print it: `default (shared socket)`. */
  readonly title: string;
  readonly mode: Mode | null;
  /** Its placement of connections is a draw: p99 differs from run to run for no fault of the candidate's. */
  readonly luck: boolean;
  readonly baseline: GroupSide;
  readonly candidate: GroupSide;
  /** Blocks with a completed run on both sides; 0 where unpaired. */
  readonly pairs: number;
  readonly metrics: readonly ComparedMetric[];
}

export interface GroupSide {
  readonly runs: number;
  /** All runs' requests together: for display only, no test looks at it. */
  readonly latency: Distribution;
}

/**
 * - `regressed`: worse by more than the tolerance (p < α, and so the whole interval beyond it)
 * - `improved`: the whole interval better than no change, and more than the tolerance allows for equal
 * - `equivalent`: the whole interval within the tolerance; under a gate, on no worse side of it
 * - `inconclusive`: the interval holds both
 * - `underpowered`: so few runs that α could not have been reached, whatever they said
 * - `unsupported`: no value to compare: too few samples for the quantile, unknown workers, another machine
 */
export type Verdict =
  | "regressed"
  | "improved"
  | "equivalent"
  | "inconclusive"
  | "underpowered"
  | "unsupported";

/** How a metric's values read: microseconds, requests a second, per cent of a core, a plain ratio, or a share (0…1). */
export type MetricUnit = "us" | "qps" | "percent" | "ratio" | "share";

export interface ComparedMetric {
  /** `p50`, `p99.9`, `balancedP99`, `mean`, `qps`, `failures`, `cpu`, `skew`, `requestSkew`, `skewShare`: as gates name it. */
  readonly metric: string;
  readonly unit: MetricUnit;
  readonly better: "lower" | "higher";
  readonly baseline: MetricSide;
  readonly candidate: MetricSide;
  /** `ratio`: effects are relative (0.142 is +14.2 %); `difference`: in the metric's own unit. */
  readonly scale: "ratio" | "difference";
  /** Hodges–Lehmann shift, candidate against baseline; `null` where there is nothing to compare. */
  readonly effect: number | null;
  /** Two-sided 1 − 2α; an end is `null` where the runs do not bound it. */
  readonly interval: readonly [number | null, number | null];
  /** Allowed worsening, 0 or more, in the scale's unit: the gate's, or the standing one of the metric. */
  readonly tolerance: number;
  /** One-sided, against the tolerance. `null` where nothing was tested. */
  readonly p: number | null;
  /** After Holm, over the gated metrics of the whole comparison; `null` where not gated. */
  readonly adjustedP: number | null;
  /** The worsening that would have been found with a probability of 80 %; `null` where none would. */
  readonly detectable: number | null;
  readonly verdict: Verdict;
  /** Why `unsupported` or `underpowered`, in words; `null` otherwise. */
  readonly reason: string | null;
  /** The gate that it is under, as given: `exact_balance:p99<=+5%`. */
  readonly gate: string | null;
}

export interface MetricSide {
  /** One a run, in the order of the blocks; paired values stand at the same index. */
  readonly values: readonly number[];
  /** `null` where there are no values. */
  readonly median: number | null;
  /** How many of the values are lower bounds, because a request without response is younger: print with "≥". */
  readonly censored: number;
}

export type GateOutcome = "passed" | "failed" | "undecided";

/** One gate on one group. */
export interface GateResult {
  /** As given, or the default gate as it would be written. */
  readonly gate: string;
  /** Relative gates compare; absolute ones look at the candidate alone. */
  readonly kind: "relative" | "absolute";
  readonly group: string;
  readonly title: string;
  readonly metric: string;
  readonly outcome: GateOutcome;
  /** The metric's verdict, for a relative gate. */
  readonly verdict: Verdict | null;
  /** A sentence: `p99 is +14.2 % [9.1 to 20.0], more than the +5 % allowed (p = 0.016)`. */
  readonly message: string;
}

/** What absolute gates say of result sets without a baseline (`check`, `run -gate`). */
export interface Check {
  readonly comparisonVersion: typeof comparisonVersion;
  readonly of: "check";
  readonly candidate: ComparedSide;
  readonly gates: readonly GateResult[];
  readonly outcome: GateOutcome;
  readonly notes: readonly string[];
}
