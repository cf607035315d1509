/**
 * The search for the highest rate that holds: doubling or halving until one rate holds and another does not, then bisection.
 * It has no state beside its runs: the next rate follows from those that were made.
 */

import { MeshLoadError } from "../errors.ts";
import type { SearchPlan, TargetPlan } from "../plan/plan.ts";
import type { MaxRate, MaxRateEnd, RateProbe } from "../result/max-rate.ts";
import type { Run } from "../result/result.ts";
import { isRunOf } from "../result/run-of-target.ts";
import type { WarningCode } from "../result/warnings.ts";
import { absoluteResult } from "./gate-result.ts";
import { parseGate } from "./gate.ts";
import type { Gate } from "./gate.ts";
import { isCompleted } from "./groups.ts";

/** Held beside the objectives that say nothing of failures: a refusal is a quick answer too. */
const fewFailures = "failures<=0.1%";

/** @throws MeshLoadError GATE_INVALID */
export function parseObjectives(texts: readonly string[]): Gate[] {
  const gates = texts.map((text) => parseGate(text, "-slo"));
  const named = gates.some(({ metric }) => metric.name === "failures");
  return named ? gates : [...gates, parseGate(fewFailures, "-slo")];
}

/** @throws MeshLoadError GATE_INVALID for what no rate can be held against: a change, or one mode alone */
export function checkObjectives(texts: readonly string[]): void {
  for (const { kind, group, text } of parseObjectives(texts))
    if (kind === "relative" || group !== null)
      throw new MeshLoadError(
        "GATE_INVALID",
        `-slo ${text} ${group === null ? "needs a baseline" : `is for ${group} alone`}`,
        {
          hint: "Write a bound that each target must hold, such as p99<10ms.",
        },
      );
}

/** The rates that the runs of one target were made at, from the lowest on. */
export function probesOf(runs: readonly Run[], objectives: readonly Gate[]): RateProbe[] {
  const ended = runs.filter(({ state }) => state !== "interrupted");
  const byRate = Map.groupBy(ended, ({ requested }) => requested.qps);
  return [...byRate].map(([qps, own]) => probeOf(qps, own, objectives)).sort((a, b) => a.qps - b.qps);
}

/** A rate holds where it was reached in most of its runs, and the medians over them meet every objective. */
function probeOf(qps: number, runs: readonly Run[], objectives: readonly Gate[]): RateProbe {
  const measured = runs.filter(isCompleted).map((run) => ({ run, attribution: null }));
  const results = objectives.map((gate) => absoluteResult(gate, { group: "", title: "", runs: measured }));
  const missed = results.filter(({ outcome }) => outcome !== "passed");
  const driverSaturated = inMost(runs, "driver-saturated");
  const isBehind = inMost(runs, "behind-schedule");
  const reasons = [
    ...(2 * measured.length > runs.length ? [] : ["most runs had no answer"]),
    ...(driverSaturated ? ["mesh-load itself was too slow"] : []),
    ...(isBehind ? ["the rate was not reached"] : []),
    ...missed.map(({ message }) => message),
  ];
  return {
    qps,
    runs: runs.length,
    held: reasons.length === 0,
    driverSaturated,
    message: (reasons.length === 0 ? results.map(({ message }) => message) : reasons).join("; "),
  };
}

function inMost(runs: readonly Run[], code: WarningCode): boolean {
  const having = runs.filter(({ warnings }) => warnings.some((warning) => warning.code === code));
  return 2 * having.length > runs.length;
}

/** The rate to drive next; `null` where the search is at its end. */
export function nextQps(probes: readonly RateProbe[], search: SearchPlan): number | null {
  const { startQps, leastQps, mostQps, resolution } = search;
  if (probes.length === 0) return startQps;
  const { qps, failedQps } = bracketOf(probes);
  if (failedQps === null) return qps! >= mostQps ? null : Math.min(mostQps, 2 * qps!);
  if (qps === null) return failedQps <= leastQps ? null : Math.max(leastQps, failedQps / 2);
  if (failedQps / qps <= 1 + resolution) return null;
  const middle = Number(Math.sqrt(qps * failedQps).toPrecision(3));
  return middle > qps && middle < failedQps ? middle : null;
}

/** Should a lower rate fail and a higher one hold, the lower one counts: above it nothing is sure. */
function bracketOf(probes: readonly RateProbe[]): Pick<MaxRate, "qps" | "failedQps"> {
  const failedQps = probes.find(({ held }) => !held)?.qps ?? null;
  const below = probes.filter(({ held, qps }) => held && qps < (failedQps ?? Infinity));
  return { qps: below.at(-1)?.qps ?? null, failedQps };
}

/** What the runs made so far say of each target. */
export function maxRatesOf(
  runs: readonly Run[],
  targets: readonly TargetPlan[],
  search: SearchPlan,
): MaxRate[] {
  const objectives = parseObjectives(search.objectives);
  return targets.map((target) => {
    const { name, side, mode } = target;
    const own = runs.filter((run) => isRunOf(run, target));
    const probes = probesOf(own, objectives);
    const bracket = bracketOf(probes);
    const rate = { target: name, side, mode, ...bracket, end: endOf(probes, search), probes };
    return { ...rate, sentence: sentenceOf(rate, search) };
  });
}

function endOf(probes: readonly RateProbe[], search: SearchPlan): MaxRateEnd {
  const { qps, failedQps } = bracketOf(probes);
  if (nextQps(probes, search) !== null) return "unfinished";
  if (probes.find((probe) => probe.qps === failedQps)?.driverSaturated === true) return "driver-saturated";
  if (failedQps === null) return "all-held";
  return qps === null ? "none-held" : "found";
}

function sentenceOf(
  { target, side, qps, failedQps, end, probes }: Omit<MaxRate, "sentence">,
  search: SearchPlan,
): string {
  const name = [side, target].filter((part) => part !== "").join(" ");
  const wanted = search.objectives.join(" and ");
  const held = qps === null ? `no rate held ${wanted}` : `${qps} qps is the highest rate that held ${wanted}`;
  const why = probes.find((probe) => probe.qps === failedQps)?.message;
  const above = failedQps === null ? "" : `; at ${failedQps} qps ${why}`;
  const ends: Readonly<Record<MaxRateEnd, string>> = {
    found: "",
    "all-held": ", and no higher one was tried",
    "none-held": ", and no lower one was tried",
    "driver-saturated": " (mesh-load is the limit: raise -threads, or use a quieter machine)",
    unfinished: " (the search did not end)",
  };
  return `${name}: ${held}${end === "all-held" ? ends[end] : above + ends[end]}.`;
}
