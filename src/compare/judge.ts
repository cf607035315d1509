/** One metric of one group: shift, interval, p-value, and what could have been seen. Verdicts come after Holm. */

import { normalQuantile } from "../attribution/normal.ts";
import { median } from "../order-statistics.ts";
import type { ComparedMetric, MetricSide, Verdict } from "./comparison.ts";
import type { Gate } from "./gate.ts";
import type { Metric, MeasuredRun, RunValue } from "./metric.ts";
import { rejects } from "./null-distribution.ts";
import { pairedShift, unpairedShift } from "./shift.ts";
import type { Bracket, Shift } from "./shift.ts";

/** Runs of a group on both sides; paired ones stand at the same index. */
export interface ComparedRuns {
  readonly design: "paired" | "unpaired";
  readonly baseline: readonly MeasuredRun[];
  readonly candidate: readonly MeasuredRun[];
}

/** A metric with its data, before it is known how many others are judged beside it. */
export interface Question {
  readonly metric: Metric;
  readonly gate: Gate | null;
  readonly scale: Metric["scale"];
  readonly tolerance: number;
  readonly design: ComparedRuns["design"];
  readonly baseline: readonly RunValue[];
  readonly candidate: readonly RunValue[];
  /** Worse is up; on a log scale where the metric's is `ratio`. `null` where there is nothing to compare. */
  readonly shift: Shift | null;
  /** The tolerance on the shift's scale. */
  readonly allowed: number;
  /** Why there is no shift. */
  readonly reason: string | null;
  /** The same value in every run of both sides: no result of these runs could have rejected anything. */
  readonly isConstant: boolean;
}

/** `refused` says why the metric may not be compared at all; `null` where it may. */
export function ask(
  runs: ComparedRuns,
  { metric, gate, refused }: { metric: Metric; gate: Gate | null; refused: string | null },
): Question {
  const scale = gate?.scale ?? metric.scale;
  const tolerance = gate?.threshold ?? metric.tolerance;
  const { baseline, candidate, reason } = valuesOf(runs, metric);
  const why = refused ?? reason;
  const brackets = (values: readonly RunValue[]): Bracket[] =>
    values.map((value) => bracketOf(value, { scale, sign: signOf(metric) }));
  const shiftOf = runs.design === "paired" ? pairedShift : unpairedShift;
  const all = [...baseline, ...candidate];
  return {
    metric,
    gate,
    scale,
    tolerance,
    design: runs.design,
    baseline,
    candidate,
    shift: why === null ? shiftOf(brackets(baseline), brackets(candidate)) : null,
    allowed: toShift(tolerance, { scale, metric }),
    reason: why,
    isConstant: all.every(({ value, censored }) => !censored && value === all[0]!.value),
  };
}

interface Values {
  readonly baseline: readonly RunValue[];
  readonly candidate: readonly RunValue[];
  readonly reason: string | null;
}

/** Runs without a value are left out, paired ones with their partner. */
function valuesOf({ design, baseline, candidate }: ComparedRuns, metric: Metric): Values {
  const [one, two] = [baseline, candidate].map((runs) => runs.map(metric.valueOf)) as [
    (RunValue | string)[],
    (RunValue | string)[],
  ];
  const known = (own: (RunValue | string)[], other: (RunValue | string)[]): RunValue[] =>
    own.filter((value, i) => isValue(value) && (design === "unpaired" || isValue(other[i]))) as RunValue[];
  const values = { baseline: known(one, two), candidate: known(two, one) };
  const enough = values.baseline.length > 0 && values.candidate.length > 0;
  const reason = [...two, ...one].find((value) => typeof value === "string") ?? "there is no run of it";
  return { ...values, reason: enough ? null : reason };
}

const isValue = (value: RunValue | string | undefined): value is RunValue => typeof value === "object";

/** Logarithms need something above 0; nothing that is compared as a ratio is meant to be below it. */
const leastValue = 1e-3;

export function bracketOf(
  { value, censored }: RunValue,
  { scale, sign }: { scale: Metric["scale"]; sign: 1 | -1 },
): Bracket {
  const shown = sign * (scale === "ratio" ? Math.log(Math.max(value, leastValue)) : value);
  return { shown, most: censored ? Infinity : shown };
}

export const signOf = ({ better }: Metric): 1 | -1 => (better === "lower" ? 1 : -1);

/** A worsening as people write it → on the scale of shifts. */
export function toShift(worsening: number, { scale, metric }: Pick<Question, "scale" | "metric">): number {
  if (scale === "difference") return worsening;
  return metric.better === "lower" ? Math.log1p(worsening) : -Math.log1p(-worsening);
}

/** A shift → a change of the metric itself, with its own sign. `null` for what is not bounded. */
function toEffect(shift: number, { scale, metric }: Pick<Question, "scale" | "metric">): number | null {
  if (!Number.isFinite(shift)) return null;
  const change = signOf(metric) * shift;
  return scale === "ratio" ? Math.expm1(change) : change;
}

export interface JudgeOptions {
  readonly alpha: number;
  /** The level that Holm leaves to the first of the gated questions, and the p-value of this one after Holm. */
  readonly gatedAlpha: number;
  readonly adjustedP: number | null;
}

/** The verdict of one question. */
export function judge(question: Question, options: JudgeOptions): ComparedMetric {
  const { metric, gate, scale, tolerance, shift, allowed } = question;
  const { alpha, adjustedP } = options;
  const common = {
    metric: metric.name,
    unit: metric.unit,
    better: metric.better,
    baseline: sideOf(question.baseline),
    candidate: sideOf(question.candidate),
    scale,
    tolerance,
    gate: gate?.text ?? null,
  };
  if (shift === null)
    return {
      ...common,
      effect: null,
      interval: [null, null],
      p: null,
      adjustedP: null,
      detectable: null,
      verdict: "unsupported",
      reason: question.reason,
    };
  const p = shift.pAbove(allowed);
  const level = gate === null ? alpha : options.gatedAlpha;
  const ends = [shift.lower(alpha), shift.upper(alpha)].map((end) => toEffect(end, question));
  const verdict = verdictOf(question, { shift, alpha, level, p: adjustedP ?? p });
  return {
    ...common,
    effect: toEffect(shift.estimate, question),
    interval: metric.better === "lower" ? [ends[0]!, ends[1]!] : [ends[1]!, ends[0]!],
    p,
    adjustedP,
    detectable: detectableOf(question, shift, level),
    verdict,
    reason: verdict === "underpowered" ? underpoweredReason(question, shift, level) : null,
  };
}

function verdictOf(
  { allowed, gate }: Question,
  { shift, alpha, level, p }: { shift: Shift; alpha: number; level: number; p: number },
): Verdict {
  if (rejects(p, alpha)) return "regressed";
  const [lower, upper] = [shift.lower(alpha), shift.upper(alpha)];
  if (upper <= allowed && lower >= -allowed) return "equivalent";
  if (upper < 0) return "improved";
  // A gate asks for no more than this: perhaps better, and certainly not worse than it allows.
  if (upper <= allowed && gate !== null) return "equivalent";
  return rejects(shift.leastP, level) ? "inconclusive" : "underpowered";
}

function underpoweredReason(
  { design, baseline, candidate }: Question,
  { leastP }: Shift,
  level: number,
): string {
  const runs =
    design === "paired"
      ? `${baseline.length} ${baseline.length === 1 ? "pair" : "pairs"} of runs`
      : `${baseline.length} runs against ${candidate.length}`;
  return `${runs} reach p = ${significant(leastP)} at best, and less than ${significant(level)} is needed`;
}

const significant = (p: number): string => String(Number(p.toPrecision(2)));

const power = 0.8;

/**
 * The worsening that would have been found with a probability of 80 %: as far beyond the tolerance as the estimate lies
 * above its bound, and by the normal law as much more as takes the odds from one half to 80 %.
 */
function detectableOf(question: Question, shift: Shift, level: number): number | null {
  const half = shift.estimate - shift.lower(level);
  if (!Number.isFinite(half)) return null;
  const sigma = half / normalQuantile(level);
  const least = question.allowed + half + normalQuantile(1 - power) * sigma;
  const effect = toEffect(least, question);
  return effect === null ? null : Math.abs(effect);
}

function sideOf(values: readonly RunValue[]): MetricSide {
  return {
    values: values.map(({ value }) => value),
    median: values.length === 0 ? null : median(values.map(({ value }) => value)),
    censored: values.filter(({ censored }) => censored).length,
  };
}
