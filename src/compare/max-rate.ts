/**
 * The search for the highest rate that holds: doubling or halving until one rate holds and another does not, then bisection.
 * It has no state beside its runs: the next rate follows from those that were made.
 */

import { MeshLoadError } from "../errors.ts";
import type { LoadPlan, Plan, SearchPlan } from "../plan/plan.ts";
import { reach } from "../plan/search-plan.ts";
import type { MaxRate, MaxRateEnd, RateProbe } from "../result/max-rate.ts";
import type { Run } from "../result/result.ts";
import { isRunOf } from "../result/run-of-target.ts";
import type { WarningCode } from "../result/warnings.ts";
import type { GateOutcome } from "./comparison.ts";
import { absoluteResult } from "./gate-result.ts";
import { parseGate } from "./gate.ts";
import type { Gate } from "./gate.ts";
import { isCompleted } from "./groups.ts";
import { decidable, demandSamples } from "./search-samples.ts";

/** Held beside the objectives that say nothing of failures: a refusal is a quick answer too. */
const fewFailures = "failures<=0.1%";

/** @throws MeshLoadError GATE_INVALID */
export function parseObjectives(texts: readonly string[]): Gate[] {
  const gates = texts.map((text) => parseGate(text, "-slo", "bounds"));
  const named = gates.some(({ metric }) => metric.name === "failures");
  return named ? gates : [...gates, parseGate(fewFailures, "-slo")];
}

/**
 * @throws MeshLoadError GATE_INVALID for what no rate can be held against: a change, or one mode alone; PLAN_IMPOSSIBLE where
 *   its runs have too few requests to tell
 */
export function checkSearch(search: SearchPlan, load: LoadPlan): void {
  const objectives = parseObjectives(search.objectives);
  for (const { kind, group, text } of objectives)
    if (kind === "relative" || group !== null)
      throw new MeshLoadError(
        "GATE_INVALID",
        `-slo ${text} ${group === null ? "needs a baseline" : `is for ${group} alone`}`,
        {
          hint: "Write a bound that each target must hold, such as p99<10ms.",
        },
      );
  demandSamples(objectives, load);
}

/** The rates that the runs of one target were made at, from the lowest on. */
export function probesOf(runs: readonly Run[], objectives: readonly Gate[]): RateProbe[] {
  const ended = runs.filter(({ state }) => state !== "interrupted");
  const byRate = Map.groupBy(ended, ({ requested }) => requested.qps);
  return [...byRate].map(([qps, own]) => probeOf(qps, own, objectives)).sort((a, b) => a.qps - b.qps);
}

/**
 * A rate holds where it was reached in most of its runs, and the medians over them meet every objective. One objective
 * missed fails it, and else one undecided leaves it so.
 */
function probeOf(qps: number, runs: readonly Run[], objectives: readonly Gate[]): RateProbe {
  const measured = runs.filter(isCompleted).map((run) => ({ run, attribution: null }));
  const results = objectives.map((gate) => absoluteResult(gate, { group: "", title: "", runs: measured }));
  const inWords = (wanted: GateOutcome): string[] =>
    results.filter(({ outcome }) => outcome === wanted).map(({ message }) => message);
  const driverSaturated = inMost(runs, "driver-saturated");
  const isBehind = inMost(runs, "behind-schedule");
  const failures = [
    ...(2 * measured.length > runs.length ? [] : ["most runs had no answer"]),
    ...(driverSaturated ? ["mesh-load itself was too slow"] : []),
    ...(isBehind ? ["the rate was not reached"] : []),
    ...inWords("failed"),
  ];
  const open = inWords("undecided");
  return {
    qps,
    runs: runs.length,
    held: failures.length > 0 ? false : open.length > 0 ? null : true,
    driverSaturated,
    message: [failures, open, inWords("passed")].find((words) => words.length > 0)!.join("; "),
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
  // A lower rate tells even less, and whether a higher one fails says nothing of this one.
  if (probes.some(({ held }) => held === null)) return null;
  const { qps, failedQps } = bracketOf(probes);
  if (failedQps === null) return qps! >= mostQps ? null : Math.min(mostQps, 2 * qps!);
  if (qps === null) return failedQps <= leastQps ? null : Math.max(leastQps, failedQps / 2);
  if (failedQps / qps <= 1 + resolution) return null;
  const middle = Number(Math.sqrt(qps * failedQps).toPrecision(3));
  return middle > qps && middle < failedQps ? middle : null;
}

/** Should a lower rate fail and a higher one hold, the lower one counts: above it nothing is sure. */
function bracketOf(probes: readonly RateProbe[]): Pick<MaxRate, "qps" | "failedQps"> {
  const failedQps = probes.find(({ held }) => held === false)?.qps ?? null;
  const below = probes.filter(({ held, qps }) => held && qps < (failedQps ?? Infinity));
  return { qps: below.at(-1)?.qps ?? null, failedQps };
}

/** What the runs made so far say of each target; nothing where the plan has no search. */
export function maxRatesOf(
  runs: readonly Run[],
  { targets, load, search: wanted }: Pick<Plan, "targets" | "load" | "search">,
): MaxRate[] {
  if (wanted === null) return [];
  const objectives = parseObjectives(wanted.objectives);
  const search = decidable(wanted, objectives, load);
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
  if (probes.some(({ held }) => held === null)) return "undecided";
  if (failedQps === null) return "all-held";
  if (qps !== null) return "found";
  // Not the reach ended it, but that lower rates leave a run with too few requests.
  return search.leastQps > search.startQps / reach ? "undecided" : "none-held";
}

function sentenceOf(
  { target, side, qps, failedQps, end, probes }: Omit<MaxRate, "sentence">,
  search: SearchPlan,
): string {
  const name = [side, target].filter((part) => part !== "").join(" ");
  const wanted = search.objectives.join(" and ");
  const none = end === "undecided" ? "no rate is known to hold" : "no rate held";
  const held = qps === null ? `${none} ${wanted}` : `${qps} qps is the highest rate that held ${wanted}`;
  const above = probes.filter((probe) => probe.held === null || probe.qps === failedQps);
  const why = above.map((probe) => `; at ${probe.qps} qps ${probe.message}`).join("");
  const ends: Readonly<Record<MaxRateEnd, string>> = {
    found: "",
    "all-held": ", and no higher one was tried",
    "none-held": ", and no lower one was tried",
    undecided: above.some((probe) => probe.held === null)
      ? ""
      : ", and at lower rates a run has too few requests to tell: use a longer -t",
    "driver-saturated": " (mesh-load is the limit: raise -threads, or use a quieter machine)",
    unfinished: " (the search did not end)",
  };
  return `${name}: ${held}${why}${ends[end]}.`;
}
