/** An attribution such as the example's runs might have got: the shape is real, the split is made up. */

import type { Attribution, ModeAttribution, RunAttribution, Skew } from "../../src/result/attribution.ts";
import { histogramOf } from "../../src/result/distribution.ts";
import type { Run } from "../../src/result/result.ts";

const even: Skew = { maxOverMean: 1, cv: 0, jain: 1, p: null };

export function exampleAttribution(runs: readonly Run[]): Attribution {
  const perRun = runs.map(runAttribution);
  return {
    tailQuantile: 0.99,
    fit: {
      shape: "queueing",
      reason: null,
      slope: 0.94,
      interval: [0.8, 1.1],
      busyShareAtBalance: 0.44,
      contrasts: 9,
      points: runs.flatMap((run) =>
        run.workers.map(({ id, connections, latency, requests }) => ({
          run: run.order,
          worker: id,
          x: connections / 64,
          tailUs: latency.percentilesUs["99"]!,
          requests,
        })),
      ),
    },
    perRun,
    perMode: (["default", "reuse_port", "exact_balance"] as const).map((mode) =>
      modeAttribution(
        mode,
        perRun.filter((_, i) => runs[i]!.mode === mode),
      ),
    ),
    warnings: [],
  };
}

function runAttribution(run: Run): RunAttribution {
  const tail = run.workers.map(({ latency }) => histogramOf(latency).countAbove(run.tail.thresholdUs));
  const tails = tail.reduce((sum, count) => sum + count, 0);
  const tailUs = run.tail.thresholdUs;
  const perWorker = run.workers.map(({ id, requests }, i) => {
    const requestShare = requests / run.actual.requests;
    return { worker: id, requestShare, tailShare: tail[i]! / tails, lift: tail[i]! / tails / requestShare };
  });
  const maxOverMean = Math.max(...run.workers.map(({ connections }) => connections)) / 64;
  const skew = { ...even, maxOverMean, cv: maxOverMean - 1, p: run.mode === "reuse_port" ? 0.33 : null };
  const lagUs = 0.02 * tailUs;
  const skewUs = Math.max(0, tailUs - lagUs - 3500);
  return {
    order: run.order,
    group: run.mode ?? "",
    connectionSkew: skew,
    requestSkew: skew,
    perWorker,
    hotColdRisk: { ratio: 12.5, interval: [6, 30] },
    independentTailSamples: 44,
    tailUs,
    tailCensored: run.censored.count > 0,
    lagUs,
    skewUs,
    restUs: tailUs - lagUs - skewUs,
    skewShare: skewUs / tailUs,
    balancedTailUs: tailUs - lagUs - skewUs,
    balancedTailOtherUs: 1.2 * (tailUs - lagUs - skewUs),
  };
}

const ms = (us: number | null): string => ((us ?? 0) / 1e3).toFixed(1);

function modeAttribution(
  mode: "default" | "reuse_port" | "exact_balance",
  runs: readonly RunAttribution[],
): ModeAttribution {
  const [least, median, most] = runs.toSorted((a, b) => a.tailUs - b.tailUs) as [
    RunAttribution,
    RunAttribution,
    RunAttribution,
  ];
  const per = Math.round((median.skewUs! / median.tailUs) * 100);
  return {
    group: mode,
    mode,
    runs: 3,
    tailUs: median.tailUs,
    tailRangeUs: [least.tailUs, most.tailUs],
    tailCensored: runs.some(({ tailCensored }) => tailCensored),
    lagUs: median.lagUs,
    skewUs: median.skewUs,
    restUs: median.restUs,
    skewShare: median.skewUs! / median.tailUs,
    skewShareRange: [least.skewShare!, most.skewShare!],
    skewShareInterval: [0.48, 0.63],
    indicative: true,
    balancedTailUs: median.balancedTailUs,
    balancedTailOtherUs: median.balancedTailOtherUs,
    measuredBalancedTailUs: mode === "exact_balance" ? null : 3400,
    hotColdRisk: median.hotColdRisk!.ratio,
    maxOverMean: median.connectionSkew!.maxOverMean,
    requestMaxOverMean: median.requestSkew!.maxOverMean,
    carrier: "alike",
    skewP: median.connectionSkew!.p,
    exampleRun: median.order,
    sentence: `${mode}: p99 ${ms(median.tailUs)} ms, of which ${ms(median.skewUs)} ms (${per} % [48–63], indicative) is connection skew: the busiest worker held ${Math.round(median.connectionSkew!.maxOverMean * 64)} of 128 connections. Balanced, and without mesh-load's lag, p99 would be ${ms(median.balancedTailUs)} ms; exact_balance measured 3.4 ms.`,
  };
}
