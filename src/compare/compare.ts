/** Baseline × candidate → what changed, how sure that is, and what the gates make of it. Pure (docs/COMPARE.md). */

import { Histogram } from "../histogram.ts";
import { histogramOf, toDistribution } from "../result/distribution.ts";
import { comparisonVersion } from "./comparison.ts";
import type { ComparedGroup, ComparedMetric, Comparison, FieldDifference, GroupSide } from "./comparison.ts";
import { absoluteResult, outcomeOf, relativeResult, unpairedResult } from "./gate-result.ts";
import { checkGroups, isFor } from "./gate-scope.ts";
import { defaultGates, parseGate } from "./gate.ts";
import type { Gate } from "./gate.ts";
import { holm } from "./holm.ts";
import { ask, judge } from "./judge.ts";
import type { Question } from "./judge.ts";
import { standingMetrics } from "./metric.ts";
import type { MeasuredRun, Metric } from "./metric.ts";
import { withServiceTimes } from "./service-times.ts";
import { notComparable, sidesOf } from "./sides.ts";
import type { ComparisonInput, GroupPair, Sides } from "./sides.ts";
import { runNotes } from "./run-notes.ts";

export interface CompareOptions {
  /** What decides; none given: p99 +10 % where it is not a matter of luck, and failures (between modes nothing). */
  readonly gates?: readonly Gate[];
  /** One-sided level of every test, over all gates together: 0.05. */
  readonly alpha?: number;
  /** Compare what was not measured alike. */
  readonly force?: boolean;
}

/**
 * Compares result sets. The run is the unit: every run gives one value a metric.
 *
 * @throws MeshLoadError NOT_COMPARABLE with the fields that differ; NOTHING_TO_COMPARE; GATE_INVALID for a gate on a mode
 *   or metric that is not there
 */
export function compare(
  input: ComparisonInput,
  { gates, alpha = 0.05, force = false }: CompareOptions = {},
): Comparison {
  const comparable = withServiceTimes(input);
  const sides = sidesOf(comparable.input);
  if (!force) refusePlans(sides.differences);
  const decisive = gates ?? (sides.of === "modes" ? [] : standingGates(sides.pairs));
  checkGroups(decisive, [...sides.pairs, ...sides.unpaired], sides.tailQuantile);
  const asked = sides.pairs.map((pair) => ({
    pair,
    questions: questionsOf(pair, { sides, gates: decisive, force }),
  }));
  const judged = judgeAll(
    asked.flatMap(({ questions }) => questions),
    alpha,
  );
  const groups = asked.map(({ pair, questions }) =>
    describeGroup(
      pair,
      questions.map((question) => judged.get(question)!),
    ),
  );
  const made = groups.flatMap((group, i) => [
    ...group.metrics.flatMap((metric) => (metric.gate === null ? [] : [relativeResult(group, metric)])),
    ...decisive
      .filter((gate) => gate.kind === "absolute" && isFor(gate, group))
      .map((gate) => absoluteResult(gate, { ...group, runs: sides.pairs[i]!.candidate })),
  ]);
  const results = [
    ...made,
    ...sides.unpaired.flatMap((group) =>
      decisive.filter((gate) => isFor(gate, group)).map((gate) => unpairedResult(gate, group)),
    ),
  ];
  return {
    comparisonVersion,
    of: sides.of,
    design: sides.design,
    alpha,
    baseline: sides.baseline,
    candidate: sides.candidate,
    differences: sides.differences,
    groups,
    gates: results,
    outcome: outcomeOf(results),
    notes: [...comparable.notes, ...sides.notes, ...runNotes(sides.pairs)],
  };
}

function refusePlans(differences: readonly FieldDifference[]): void {
  const plan = differences.filter(({ weight }) => weight === "plan");
  if (plan.length === 0) return;
  const fields = plan.map(({ field, baseline, candidate }) => `${field} is ${baseline} against ${candidate}`);
  throw notComparable(
    `the two were not measured alike: ${fields.join("; ")}`,
    "Measure both alike, or compare them all the same with -force.",
  );
}

/** Where placement is a draw, p99 says more of the draw than of the candidate: it decides only where nothing else can. */
function standingGates(pairs: readonly GroupPair[]): Gate[] {
  const steady = pairs.filter(({ luck }) => !luck);
  const tails = (steady.length === 0 ? pairs : steady).map(({ group }) =>
    steady.length === 0 || steady.length === pairs.length
      ? defaultGates.tail
      : `${group}:${defaultGates.tail}`,
  );
  return [...new Set([...tails, defaultGates.failures])].map((text) => parseGate(text));
}

/** Every metric once with each relative gate on it, and once without where there is none. */
function questionsOf(
  pair: GroupPair,
  { sides, gates, force }: { sides: Sides; gates: readonly Gate[]; force: boolean },
): Question[] {
  const own = gates.filter((gate) => gate.kind === "relative" && isFor(gate, pair));
  const standing = standingMetrics(sides.tailQuantile);
  const extra = own
    .map(({ metric }) => metric)
    .filter(({ name }) => !standing.some((one) => one.name === name));
  const machines = sides.differences.filter(({ weight }) => weight === "machine");
  const otherMachine = machines.length > 0 && !force;
  return uniqueByName([...standing, ...extra]).flatMap((metric) => {
    const refused =
      otherMachine && metric.ofMachine
        ? `measured on different machines (${machines.map(({ field }) => field).join(", ")})`
        : null;
    const under = own.filter((gate) => gate.metric.name === metric.name);
    return (under.length === 0 ? [null] : under).map((gate) => ask(pair, { metric, gate, refused }));
  });
}

const uniqueByName = (metrics: readonly Metric[]): Metric[] => [
  ...new Map(metrics.map((metric) => [metric.name, metric])).values(),
];

/** Gated questions share α by Holm; the others are told for information, each at α. */
function judgeAll(questions: readonly Question[], alpha: number): Map<Question, ComparedMetric> {
  // What is the same everywhere cannot raise an alarm, and takes nothing of α (R. Tarone, Biometrics 46, 1990).
  const family = questions.filter(
    ({ gate, shift, isConstant }) => gate !== null && shift !== null && !isConstant,
  );
  const adjusted = holm(family.map(({ shift, allowed }) => shift!.pAbove(allowed)));
  const gatedAlpha = alpha / Math.max(1, family.length);
  return new Map(
    questions.map((question) => {
      const at = family.indexOf(question);
      const adjustedP =
        at >= 0 ? adjusted[at]! : question.gate === null || question.shift === null ? null : 1;
      return [question, judge(question, { alpha, gatedAlpha, adjustedP })];
    }),
  );
}

function describeGroup(pair: GroupPair, metrics: readonly ComparedMetric[]): ComparedGroup {
  const { group, title, mode, luck, design, baseline, candidate } = pair;
  return {
    group,
    title,
    mode,
    luck,
    baseline: sideOf(baseline),
    candidate: sideOf(candidate),
    pairs: design === "paired" ? baseline.length : 0,
    metrics,
  };
}

function sideOf(runs: readonly MeasuredRun[]): GroupSide {
  const all = new Histogram();
  for (const { run } of runs) all.add(histogramOf(run.latency));
  return { runs: runs.length, latency: toDistribution(all, []) };
}
