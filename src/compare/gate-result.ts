/** What a gate makes of a group, and in which words. */

import { median } from "../order-statistics.ts";
import { failuresOf } from "../result/failures.ts";
import type { ComparedGroup, ComparedMetric, GateOutcome, GateResult, Verdict } from "./comparison.ts";
import type { Comparator, Gate } from "./gate.ts";
import type { MeasuredRun, RunValue } from "./metric.ts";
import { formatEffect, formatInterval, formatValue } from "./words.ts";

const outcomeOfVerdict: Readonly<Record<Verdict, GateOutcome>> = {
  regressed: "failed",
  improved: "passed",
  equivalent: "passed",
  inconclusive: "undecided",
  underpowered: "undecided",
  unsupported: "undecided",
};

/** One failed gate fails all of it, and one undecided leaves it so. */
export function outcomeOf(results: readonly GateResult[]): GateOutcome {
  const outcomes = new Set(results.map(({ outcome }) => outcome));
  return (["failed", "undecided"] as const).find((outcome) => outcomes.has(outcome)) ?? "passed";
}

/** Of a metric under a relative gate. */
export function relativeResult(
  { group, title }: Pick<ComparedGroup, "group" | "title">,
  metric: ComparedMetric,
): GateResult {
  const { verdict } = metric;
  return {
    gate: metric.gate!,
    kind: "relative",
    group,
    title,
    metric: metric.metric,
    outcome: outcomeOfVerdict[verdict],
    verdict,
    message: relativeMessage(metric),
  };
}

/** Of a gate on a group that has no completed run on one of the sides: it must not pass unseen. */
export function unpairedResult(
  { text, kind, metric: { name } }: Gate,
  { group, title }: Pick<ComparedGroup, "group" | "title">,
): GateResult {
  return {
    gate: text,
    kind,
    group,
    title,
    metric: name,
    outcome: "undecided",
    verdict: kind === "relative" ? "unsupported" : null,
    message: `${name} cannot be compared: there are no completed runs on both sides`,
  };
}

function relativeMessage(metric: ComparedMetric): string {
  const {
    metric: name,
    effect,
    interval,
    tolerance,
    adjustedP,
    verdict,
    reason,
    detectable,
    better,
  } = metric;
  if (effect === null) return `${name} cannot be compared: ${reason}`;
  const allowed = formatEffect(better === "lower" ? tolerance : -tolerance, metric);
  const seen = `${name} changed by ${formatEffect(effect, metric)} ${formatInterval(interval, metric)}`;
  const least =
    detectable === null
      ? "no effect could have been found"
      : `an effect of ${formatEffect(better === "lower" ? detectable : -detectable, metric)} would have been found`;
  switch (verdict) {
    case "regressed":
      return `${seen}, worse than the ${allowed} allowed (p = ${formatP(adjustedP ?? 0)})`;
    case "improved":
      return `${seen}, for the better`;
    case "equivalent":
      return `${seen}, within the ${allowed} allowed`;
    case "inconclusive":
      return `${seen}, which may be within the ${allowed} allowed or not: ${least}`;
    case "underpowered":
      return `${seen}, and more runs are needed to tell: ${reason}`;
    case "unsupported":
      return `${name} cannot be compared: ${reason}`;
    default:
      return verdict satisfies never;
  }
}

/** A p-value with two digits that tell something; one below 0.0001 is said to be so. */
function formatP(p: number): string {
  return p < 1e-4 ? "< 0.0001" : String(Number(p.toPrecision(2)));
}

/** A bound on the candidate alone: the median over its runs, as the outputs show it, or all its failures. */
export function absoluteResult(
  gate: Gate,
  { group, title, runs }: { group: string; title: string; runs: readonly MeasuredRun[] },
): GateResult {
  const result = { gate: gate.text, kind: "absolute", group, title, metric: gate.metric.name } as const;
  const seen = seenBy(gate, runs);
  if (typeof seen === "string")
    return {
      ...result,
      outcome: "undecided",
      verdict: null,
      message: `${gate.metric.name} is not known: ${seen}`,
    };
  const { value, censored } = seen;
  const show = (number: number): string =>
    gate.isCount ? String(number) : formatValue(number, gate.metric.unit);
  const holds = satisfies(value, gate);
  // A lower bound settles only what more of it would not change.
  const open = censored && (gate.comparator.startsWith(">") ? !holds : holds);
  const outcome = open ? "undecided" : holds ? "passed" : "failed";
  const what = gate.isCount || runs.length === 1 ? "" : ` (${seen.of})`;
  return {
    ...result,
    outcome,
    verdict: null,
    message: `${gate.metric.name} is ${censored ? "≥" : ""}${show(value)}${what}, ${tail[outcome]} ${gate.comparator} ${show(gate.threshold)}`,
  };
}

const tail: Readonly<Record<GateOutcome, string>> = {
  passed: "as asked:",
  failed: "and not",
  undecided: "which does not tell whether it is",
};

function seenBy(gate: Gate, runs: readonly MeasuredRun[]): (RunValue & { of: string }) | string {
  if (runs.length === 0) return "there is no completed run";
  if (gate.metric.name === "failures") {
    const failures = runs.reduce((sum, { run }) => sum + failuresOf(run), 0);
    const requests = runs.reduce((sum, { run }) => sum + run.latency.count, 0);
    return { value: gate.isCount ? failures : failures / requests, censored: false, of: "over all runs" };
  }
  const values = runs.map(gate.metric.valueOf);
  const known = values.filter((value) => typeof value === "object");
  if (known.length === 0) return String(values[0]);
  const shown = known.map(({ value }) => value).sort((a, b) => a - b);
  const most = known.map(({ value, censored }) => (censored ? Infinity : value)).sort((a, b) => a - b);
  const middles = [(known.length - 1) >> 1, known.length >> 1] as const;
  return {
    value: median(shown),
    // Were the censored ones larger than anything, would the median still be the same?
    censored: middles.some((at) => shown[at] !== most[at]),
    of: `median of ${known.length} runs`,
  };
}

function satisfies(
  value: number,
  { comparator, threshold }: { comparator: Comparator; threshold: number },
): boolean {
  switch (comparator) {
    case "<=":
      return value <= threshold;
    case ">=":
      return value >= threshold;
    case "<":
      return value < threshold;
    case ">":
      return value > threshold;
    case "==":
      return value === threshold;
    default:
      return comparator satisfies never;
  }
}
