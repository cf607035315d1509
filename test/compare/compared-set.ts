/** Result sets whose runs have exactly the figures that a comparison looks at. */

import type { ComparedMetric, Comparison } from "../../src/compare/comparison.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { Mode } from "../../src/plan/mode.ts";
import type { Attribution, RunAttribution } from "../../src/result/attribution.ts";
import type { ResultSet, Run } from "../../src/result/result.ts";
import { exampleSet } from "../result/example-set.ts";

const example = exampleSet();

export interface RunFigures {
  readonly mode?: Mode | null;
  readonly side?: string;
  readonly block: number;
  readonly p99Us: number;
  readonly qps?: number;
  readonly failures?: number;
  readonly requests?: number;
  readonly skew?: number;
  /** Otherwise that of connections. */
  readonly requestSkew?: number;
  readonly skewShare?: number | null;
  readonly balancedUs?: number | null;
  /** Age of the youngest request without response. */
  readonly censoredFromUs?: number;
  readonly state?: Run["state"];
  readonly url?: string;
}

/** A set of these runs. Quantiles stand in the usual ratios to p99. */
export function comparedSet(
  runs: readonly RunFigures[],
  { labels = "set", ...override }: Partial<ResultSet> = {},
): ResultSet {
  return {
    ...example,
    id: `2026-01-01-000000_${labels}`,
    labels,
    runs: runs.map(runOf),
    attribution: {
      ...example.attribution!,
      perRun: runs.map(attributionOf),
      perMode: [],
    } satisfies Attribution,
    ...override,
  };
}

/** A set of one mode: a run for each p99. */
export function oneMode(
  p99sUs: readonly number[],
  { mode = "exact_balance", ...more }: { mode?: Mode } & Partial<ResultSet> & Partial<RunFigures> = {},
): ResultSet {
  const { labels, plan, environment, seed, startedAt, ...figures } = more;
  const override = { labels, plan, environment, seed, startedAt };
  return comparedSet(
    p99sUs.map((p99Us, block) => ({ mode, block, p99Us, ...(figures as Partial<RunFigures>) })),
    Object.fromEntries(Object.entries(override).filter(([, value]) => value !== undefined)),
  );
}

export const withLoad = (load: Partial<Plan["load"]>): { plan: Plan } => ({
  plan: { ...example.plan, load: { ...example.plan.load, ...load } },
});

export const withEnvironment = (
  environment: Partial<ResultSet["environment"]>,
): Pick<ResultSet, "environment"> => ({ environment: { ...example.environment, ...environment } });

function runOf(figures: RunFigures, order: number): Run {
  const { mode = "exact_balance", side = "", block, p99Us, requests = 15_000, failures = 0 } = figures;
  const base = example.runs.find((run) => run.mode === (mode ?? "default"))!;
  const age = figures.censoredFromUs;
  return {
    ...base,
    order,
    block,
    side,
    mode,
    repetition: block,
    state: figures.state ?? "completed",
    target: figures.url === undefined ? base.target : { ...base.target, kind: "url", url: figures.url },
    actual: { ...base.actual, qps: figures.qps ?? 3000, requests },
    failures: failures === 0 ? {} : { "http-error": failures },
    censored:
      age === undefined
        ? { count: 0, youngestUs: 0, oldestUs: 0 }
        : { count: 9, youngestUs: age, oldestUs: 3e6 },
    latency: {
      ...base.latency,
      count: requests,
      meanUs: p99Us / 5,
      percentilesUs: { "50": p99Us / 8, "75": p99Us / 5, "90": p99Us / 3, "99": p99Us, "99.9": p99Us * 2 },
    },
    warnings: [],
  };
}

function attributionOf(figures: RunFigures, order: number): RunAttribution {
  const base = example.attribution!.perRun[0]!;
  const skew = { ...base.connectionSkew!, maxOverMean: figures.skew ?? 1 };
  return {
    ...base,
    order,
    connectionSkew: skew,
    requestSkew: { ...skew, maxOverMean: figures.requestSkew ?? skew.maxOverMean },
    tailUs: figures.p99Us,
    tailCensored: false,
    skewShare: figures.skewShare === undefined ? 0.1 : figures.skewShare,
    balancedTailUs: figures.balancedUs === undefined ? figures.p99Us * 0.9 : figures.balancedUs,
  };
}

/** p99 of seven runs of one target, in microseconds: they differ by 2 %. */
export const base = [10_000, 10_300, 9800, 10_100, 9900, 10_200, 10_050];
/** A metric of a group of the comparison. */
export function metric(comparison: Comparison, name: string, group = 0): ComparedMetric {
  return comparison.groups[group]!.metrics.find((one) => one.metric === name)!;
}

/** Seven blocks with a run of each side; `b` is `factor` times `a`, with noise that both of a block share. */
export function sides(factor: number, change: Partial<RunFigures> = {}): ResultSet {
  const drift = [1, 1.5, 0.7, 1.2, 2, 0.9, 1.1];
  return comparedSet(
    drift.flatMap((noise, block) => [
      { block, side: "a", p99Us: 10_000 * noise },
      { block, side: "b", p99Us: 10_000 * noise * factor * (1 + block / 1000), ...change },
    ]),
  );
}
