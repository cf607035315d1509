/** JUnit XML of a comparison: a case for each gate and group, and one for each other metric, which cannot fail. */

import type { Check, ComparedGroup, ComparedMetric, Comparison, GateResult } from "../compare/comparison.ts";
import { formatEffect, formatInterval, formatValue } from "../compare/words.ts";
import { comparisonTitle } from "./comparison-table.ts";
import { junitText } from "./junit-text.ts";
import type { Problem, TestCase } from "./junit-text.ts";

export function comparisonJunit(comparison: Comparison | Check): string {
  const { candidate, gates, notes } = comparison;
  const against = "baseline" in comparison ? { baseline: comparison.baseline.name } : {};
  const groups = "groups" in comparison ? comparison.groups : [];
  return junitText([
    {
      name: comparisonTitle(comparison),
      startedAt: candidate.sets[0]?.startedAt ?? "1970-01-01T00:00:00",
      properties: {
        ...against,
        candidate: candidate.name,
        ...(notes.length === 0 ? {} : { notes: notes.join("\n") }),
      },
      cases: [...gates.map(gateCase), ...groups.flatMap(otherCases)],
    },
  ]);
}

function gateCase({ gate, title, outcome, verdict, message }: GateResult): TestCase {
  const problem: Problem | null =
    outcome === "passed"
      ? null
      : { kind: outcome === "failed" ? "failure" : "error", type: verdict ?? outcome, message, details: "" };
  return {
    classname: classOf(title),
    name: gate,
    seconds: 0,
    problem,
    output: problem === null ? message : "",
  };
}

function otherCases({ title, metrics }: ComparedGroup): TestCase[] {
  return metrics
    .filter(({ gate }) => gate === null)
    .map((metric) => ({
      classname: classOf(title),
      name: metric.metric,
      seconds: 0,
      problem:
        metric.verdict === "unsupported"
          ? {
              kind: "skipped",
              type: metric.verdict,
              message: metric.reason ?? "nothing to compare",
              details: "",
            }
          : null,
      output: metric.effect === null ? "" : changeOf(metric),
    }));
}

/** `regressed: 12.0 ms to 15.1 ms, +25.8 % [+20.1 % to +31.0 %]` */
function changeOf(metric: ComparedMetric): string {
  const { verdict, baseline, candidate, unit, effect, interval } = metric;
  const [from, to] = [baseline, candidate].map(({ median, censored }) =>
    median === null ? "–" : `${censored > 0 ? "≥" : ""}${formatValue(median, unit)}`,
  );
  return `${verdict}: ${from} to ${to}, ${formatEffect(effect!, metric)} ${formatInterval(interval, metric)}`;
}

/** A dot would part a package from its class. */
function classOf(title: string): string {
  return `mesh-load.${title.replaceAll(".", "_")}`;
}
