/** What runs are compared by: where each metric's value of a run comes from, and how it reads. */

import { didYouMean } from "../nearest.ts";
import type { RunAttribution } from "../result/attribution.ts";
import { histogramOf, quantileUs } from "../result/distribution.ts";
import { failuresOf } from "../result/failures.ts";
import type { Run } from "../result/result.ts";
import { samplesNeeded } from "../result/tail-samples.ts";
import { percentileName } from "../units.ts";
import type { ComparedMetric, MetricUnit } from "./comparison.ts";

export interface Metric {
  /** As gates name it: `p99`, `skewShare`. */
  readonly name: string;
  /** What the value of a run is. */
  readonly describe: string;
  readonly unit: MetricUnit;
  readonly better: "lower" | "higher";
  readonly scale: ComparedMetric["scale"];
  /** Worsening that counts as none where no gate says otherwise. */
  readonly tolerance: number;
  /** A property of machine as well as target: not compared across machines. */
  readonly ofMachine: boolean;
  /** It is of the set's `-tail`: of another quantile it is another metric. */
  readonly ofTail?: true;
  /** Of the latency that it is, and that a run needs enough requests for. */
  readonly quantile?: number;
  /** The value of a run, or in words why it has none. */
  readonly valueOf: (measured: MeasuredRun) => RunValue | string;
}

/** A run, and what the attribution says of it. */
export interface MeasuredRun {
  readonly run: Run;
  readonly attribution: RunAttribution | null;
}

export interface RunValue {
  readonly value: number;
  /** The true value is this or more: a request without response is younger. */
  readonly censored: boolean;
}

const latency = { unit: "us", better: "lower", scale: "ratio", ofMachine: true } as const;
const exactly = (value: number): RunValue => ({ value, censored: false });

const fixedMetrics: readonly Metric[] = [
  {
    ...latency,
    name: "mean",
    describe: "of latency",
    tolerance: 0.05,
    // Every unanswered request counts at its age, so that any of them makes the mean a lower bound.
    valueOf: ({ run }) => ({ value: run.latency.meanUs, censored: run.censored.count > 0 }),
  },
  {
    ...latency,
    name: "max",
    describe: "of latency, in gates only",
    tolerance: 0.5,
    valueOf: ({ run }) => ({ value: run.latency.maxUs, censored: run.censored.count > 0 }),
  },
  {
    name: "qps",
    describe: "complete responses a second",
    unit: "qps",
    better: "higher",
    scale: "ratio",
    tolerance: 0.01,
    ofMachine: true,
    valueOf: ({ run }) => exactly(run.actual.qps),
  },
  {
    name: "failures",
    describe: "share of the requests without a complete response, or with a status of 400 or above",
    unit: "share",
    better: "lower",
    scale: "difference",
    tolerance: 1e-4,
    ofMachine: false,
    valueOf: ({ run }) => exactly(failuresOf(run) / run.latency.count),
  },
  {
    name: "cpu",
    describe: "of all workers together, per cent of a core",
    unit: "percent",
    better: "lower",
    scale: "ratio",
    tolerance: 0.1,
    ofMachine: true,
    valueOf: ({ run: { workers } }) => {
      const known = workers.flatMap(({ cpuPercent }) => (cpuPercent === null ? [] : [cpuPercent]));
      if (known.length === 0 || known.length < workers.length) return "the CPU of the workers is not known";
      return exactly(known.reduce((sum, percent) => sum + percent, 0));
    },
  },
  {
    name: "skew",
    describe:
      "busiest worker's connections over an equal share (requests, where connections are short-lived)",
    unit: "ratio",
    better: "lower",
    scale: "ratio",
    tolerance: 0.1,
    ofMachine: false,
    valueOf: ({ run, attribution }) => {
      const skew = run.keepalive ? attribution?.connectionSkew : attribution?.requestSkew;
      return skew ? exactly(skew.maxOverMean) : unplaced;
    },
  },
  {
    name: "requestSkew",
    describe: "busiest worker's requests over an equal share",
    unit: "ratio",
    better: "lower",
    scale: "ratio",
    tolerance: 0.1,
    ofMachine: false,
    valueOf: ({ attribution }) =>
      attribution?.requestSkew ? exactly(attribution.requestSkew.maxOverMean) : unplaced,
  },
  {
    name: "skewShare",
    describe: "skew's part of the tail",
    unit: "share",
    better: "lower",
    scale: "difference",
    tolerance: 0.1,
    ofMachine: true,
    ofTail: true,
    valueOf: ({ attribution }) =>
      attribution?.skewShare == null ? unattributed : exactly(attribution.skewShare),
  },
];

const unplaced = "which worker served what is not known";
const unattributed = "the runs do not tell what the tail would be at balance";

function quantileMetric(percentile: number): Metric {
  const quantile = percentile / 100;
  return {
    ...latency,
    name: `p${percentile}`,
    quantile,
    describe: "the quantile of latency; any percentile will do",
    tolerance: percentile > 90 ? 0.1 : 0.05,
    valueOf: ({ run }) => {
      const tooFew = whyUnsupported(run, quantile);
      if (tooFew !== null) return tooFew;
      const value =
        run.latency.percentilesUs[String(percentile)] ?? quantileUs(histogramOf(run.latency), quantile);
      return { value, censored: run.censored.count > 0 && value >= run.censored.youngestUs };
    },
  };
}

/** The tail had every worker held an equal share. `quantile` is the one that the attributions are of. */
function balancedMetric(quantile: number): Metric {
  return {
    ...latency,
    name: `balanced${percentileName(quantile).toUpperCase()}`,
    quantile,
    describe: "the tail had every worker held an equal share (of the set's -tail)",
    tolerance: 0.1,
    ofTail: true,
    valueOf: ({ run, attribution }) => {
      const tooFew = whyUnsupported(run, quantile);
      if (tooFew !== null) return tooFew;
      if (attribution?.balancedTailUs == null) return unattributed;
      return { value: attribution.balancedTailUs, censored: attribution.tailCensored };
    },
  };
}

function whyUnsupported({ latency: { count } }: Run, quantile: number): string | null {
  const needed = samplesNeeded(quantile);
  if (count >= needed) return null;
  return `${percentileName(quantile)} needs ${needed} requests a run, and a run has ${count}`;
}

/** What every comparison looks at, in the order of the outputs. */
export function standingMetrics(tailQuantile: number): Metric[] {
  return [
    ...[50, 90, 99, 99.9].map(quantileMetric),
    balancedMetric(tailQuantile),
    ...fixedMetrics.filter(({ name }) => name !== "max"),
  ];
}

/** Those of `standingMetrics`, and what only gates may name. */
export function gateMetrics(tailQuantile: number): Metric[] {
  return [...standingMetrics(tailQuantile), ...fixedMetrics.filter(({ name }) => name === "max")];
}

/** The metric of a name; beside the standing ones any percentile, and `max`. `undefined` for one that nobody has. */
export function metricNamed(name: string): Metric | undefined {
  const [, kind, digits] = /^(p|balancedP)(\d+(?:\.\d+)?)$/.exec(name) ?? [];
  const percentile = Number(digits);
  if (percentile > 0 && percentile < 100)
    return kind === "p" ? quantileMetric(percentile) : balancedMetric(percentile / 100);
  return fixedMetrics.find((metric) => metric.name === name);
}

/** In words, the metric that was meant, or those that there are. */
export function metricHint(name: string): string {
  const digits = /^p(9{3,})$/i.exec(name)?.[1];
  if (digits !== undefined) return `Did you mean "p99.${digits.slice(2)}"?`;
  const known = ["p50", "p99", "balancedP99", ...fixedMetrics.map((metric) => metric.name)];
  return didYouMean(name, known) || `There are ${known.join(", ")}, and any other percentile.`;
}
