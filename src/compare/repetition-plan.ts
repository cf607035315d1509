/** From a baseline's noise: how many repetitions, of which length, a wanted effect needs. Pure. */

import { quantileUs, histogramOf } from "../result/distribution.ts";
import type { ResultSet } from "../result/result.ts";
import { comparisonVersion } from "./comparison.ts";
import { checkGroups, isFor } from "./gate-scope.ts";
import { parseGate } from "./gate.ts";
import type { Gate } from "./gate.ts";
import { groupRuns } from "./groups.ts";
import type { GroupedRun, RunGroup } from "./groups.ts";
import { bracketOf, signOf, toShift } from "./judge.ts";
import type { Metric } from "./metric.ts";
import { repetitionsFor } from "./power.ts";
import { demandRuns, describe, notComparable } from "./sides.ts";

export interface RepetitionPlan {
  readonly comparisonVersion: typeof comparisonVersion;
  readonly of: "plan";
  readonly alpha: number;
  /** Probability with which the effect is to be found. */
  readonly power: number;
  readonly baseline: string;
  readonly wishes: readonly RepetitionWish[];
}

/** What one gate on one group needs. */
export interface RepetitionWish {
  readonly group: string;
  readonly title: string;
  readonly metric: string;
  readonly unit: Metric["unit"];
  readonly scale: Metric["scale"];
  /** The worsening to be found, and the one allowed, in the scale's unit. */
  readonly effect: number;
  readonly tolerance: number;
  /** Completed runs that the noise was seen in. */
  readonly runs: number;
  readonly lengths: readonly {
    readonly durationS: number;
    /** Standard deviation of a run, in the scale's unit (a ratio's as a share). */
    readonly sigma: number;
    /** Repetitions with the sides in turn (`-ab`), and of two results made apart; `null`: never, for the gate allows it. */
    readonly paired: number | null;
    readonly unpaired: number | null;
  }[];
}

const power = 0.8;
const lengths = [1, 2, 4, 8] as const;

/**
 * Plans for each relative gate and each group that it is for. Without a gate: p99, allowed half of the effect.
 *
 * @param effect the worsening to be found, as a share (0.1: +10 %) or in the unit of a gate of that kind
 * @throws MeshLoadError NOT_COMPARABLE where no metric has two runs to show its noise; GATE_INVALID
 */
export function planRepetitions(
  sets: readonly ResultSet[],
  { effect, gates, alpha = 0.05 }: { effect: number; gates?: readonly Gate[]; alpha?: number },
): RepetitionPlan {
  const baseline = describe(sets);
  demandRuns({ baseline });
  const { tailQuantile } = sets[0]!.plan;
  const groups = groupRuns(sets, tailQuantile);
  const relative = (gates ?? [parseGate(`p99<=+${effect * 50}%`)]).filter(({ kind }) => kind === "relative");
  checkGroups(relative, groups, tailQuantile);
  const asked = relative.flatMap((gate) =>
    groups.filter((group) => isFor(gate, group)).map((group) => ({ gate, group })),
  );
  const level = alpha / Math.max(1, asked.length);
  const wishes = asked.flatMap(({ gate, group }) => wishOf(group, { gate, effect, level }));
  if (wishes.length === 0)
    throw notComparable(
      "the baseline shows no noise to plan with: no metric of the gates has a value in two runs",
      "Repeat it with -reps 5, long enough for the quantile.",
    );
  return { comparisonVersion, of: "plan", alpha, power, baseline: baseline.name, wishes };
}

function wishOf(
  { group, title, runs }: RunGroup,
  { gate, effect, level }: { gate: Gate; effect: number; level: number },
): RepetitionWish[] {
  const { metric, scale, threshold } = gate;
  const noise = noiseOf(runs, { metric, scale });
  if (noise === null) return [];
  const durationS = Math.max(...runs.map(({ run }) => run.actual.durationS));
  const [shift, allowed] = [effect, threshold].map((worsening) => toShift(worsening, { scale, metric }));
  return [
    {
      group,
      title,
      metric: metric.name,
      unit: metric.unit,
      scale,
      effect,
      tolerance: threshold,
      runs: runs.length,
      lengths: lengths.map((times) => {
        const sampling = noise.sampling / times;
        const planned = (design: "paired" | "unpaired"): number | null => {
          const between = design === "paired" ? noise.withinBlock : noise.betweenRuns;
          const sigma = Math.sqrt(between + sampling);
          return repetitionsFor(
            { design, sigma, effect: shift!, allowed: allowed!, alpha: level },
            { power },
          );
        };
        return {
          durationS: durationS * times,
          sigma: Math.sqrt(noise.betweenRuns + sampling),
          paired: planned("paired"),
          unpaired: planned("unpaired"),
        };
      }),
    },
  ];
}

/** Variances of a run's value, on the scale of shifts. */
interface Noise {
  /** What requests differ by, which a longer run averages out. */
  readonly sampling: number;
  /** What is left of the differences between runs, and of those between runs of one block. */
  readonly betweenRuns: number;
  readonly withinBlock: number;
}

function noiseOf(
  runs: readonly GroupedRun[],
  { metric, scale }: { metric: Metric; scale: Metric["scale"] },
): Noise | null {
  const known = runs.flatMap((one) => {
    const value = metric.valueOf(one);
    return typeof value === "string"
      ? []
      : [{ ...one, shown: bracketOf(value, { scale, sign: signOf(metric) }).shown }];
  });
  // Sides differ by what was changed, which is no noise.
  const bySide = [...Map.groupBy(known, ({ side }) => side).values()];
  if (!bySide.some((own) => own.length > 1)) return null;
  const total = pooledVariance(bySide.map((own) => own.map(({ shown }) => shown)));
  const sampling = Math.min(total, mean(known.map((one) => samplingVariance(one, { metric, scale }))));
  const differences = [...Map.groupBy(known, ({ block }) => block).values()].flatMap((pair) =>
    pair.length === 2 && pair[0]!.side !== pair[1]!.side
      ? [(pair[0]!.shown - pair[1]!.shown) * (pair[0]!.side < pair[1]!.side ? 1 : -1)]
      : [],
  );
  // Without sides nobody knows what neighbours have in common: as if it were nothing.
  const within = differences.length > 2 ? pooledVariance([differences]) / 2 : total;
  return {
    sampling,
    betweenRuns: total - sampling,
    withinBlock: Math.max(0, within - sampling),
  };
}

/**
 * Variance of the log of a run's tail quantile by the luck of its requests alone: with k independent requests beyond it,
 * their number varies by 1/k, and the quantile follows at the steepness of the tail there. 0 where that is not known.
 */
function samplingVariance(
  { run, attribution }: GroupedRun,
  { metric, scale }: { metric: Metric; scale: Metric["scale"] },
): number {
  const quantile = Number(/^(?:balancedP|p)(\d.*)$/.exec(metric.name)?.[1] ?? 0) / 100;
  if (quantile < 0.9 || scale !== "ratio") return 0;
  const beyond = 1 - quantile;
  const isTail = Math.abs(run.tail.quantile - quantile) < 1e-9;
  const independent = isTail ? (attribution?.independentTailSamples ?? 0) : run.latency.count * beyond;
  if (independent < 1) return 0;
  const histogram = histogramOf(run.latency);
  const [nearer, farther] = [1 - 2 * beyond, 1 - beyond / 2].map((at) => quantileUs(histogram, at));
  return (Math.log(farther! / nearer!) / Math.log(4)) ** 2 / independent;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function pooledVariance(groups: readonly (readonly number[])[]): number {
  let [squares, freedom] = [0, 0];
  for (const values of groups) {
    const middle = mean(values);
    squares += values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
    freedom += values.length - 1;
  }
  return squares / freedom;
}
