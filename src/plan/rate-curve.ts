/**
 * How many requests are due by when: the integral of the rate, and its inverse. Starts are laid out on the even scale of
 * request numbers and bent into time by `timeOf`, so that however the rate changes, their count is its integral.
 * Hot path: `timeOf` allocates nothing, and is quickest where numbers ascend.
 */

import type { StagePlan } from "./plan.ts";

export interface RateCurveSpec {
  /** Requests a second over all connections, where there are no stages. */
  readonly qps: number;
  readonly connections: number;
  /** End of the schedule; where it is `Infinity`, the last stage lasts. */
  readonly durationUs: number;
  readonly stages: readonly StagePlan[];
}

export class RateCurve {
  /** Requests until the end: numbers below it are due. */
  readonly total: number;
  readonly #stages: readonly Stage[];
  #at = 0;

  constructor({ qps, connections, durationUs, stages }: RateCurveSpec) {
    const given = stages.length === 0 ? [constant(qps, connections, durationUs)] : stages;
    const isHeld = stages.length > 0 && durationUs === Infinity;
    this.#stages = stagesOf(isHeld ? [...given, held(given.at(-1)!)] : given);
    const last = this.#stages.at(-1)!;
    const exact = last.first + last.count;
    // A rate that is no binary fraction must not add a request that is due when all is over.
    this.total = exact === Infinity ? Infinity : exact - 1e-9 * Math.max(1, exact);
  }

  /**
   * When request number `n` is due, in microseconds; fractions lie between their neighbours, numbers below 0 before the
   * load at the rate of its beginning, and those from `total` on never: `Infinity`.
   */
  timeOf(n: number): number {
    if (n >= this.total) return Infinity;
    const { startUs, first, gapUs, perSecond, growth } = this.#stages[this.#stageOf(n)]!;
    const since = n - first;
    if (since === 0) return startUs;
    if (growth === 0 || since < 0) return startUs + since * gapUs;
    // The root of perSecond·t + growth·t²/2 = since, in the form that loses no digits.
    const root = Math.sqrt(Math.max(0, perSecond ** 2 + 2 * growth * since));
    return startUs + (2e6 * since) / (perSecond + root);
  }

  /** How many connections take part at a time. */
  connectionsAt(us: number): number {
    let stage = 0;
    while (stage + 1 < this.#stages.length && us >= this.#stages[stage + 1]!.startUs) stage++;
    const { startUs, durationUs, fromConnections, toConnections } = this.#stages[stage]!;
    const passed = durationUs === Infinity ? 1 : Math.min(1, Math.max(0, (us - startUs) / durationUs));
    return Math.round(fromConnections + (toConnections - fromConnections) * passed);
  }

  /** The first request number after `n` at which the connections take part in another number from one moment to the next. */
  nextJump(n: number): number {
    const stages = this.#stages;
    for (let stage = this.#stageOf(n) + 1; stage < stages.length; stage++)
      if (stages[stage]!.fromConnections !== stages[stage - 1]!.toConnections)
        return Math.ceil(stages[stage]!.first);
    return Infinity;
  }

  #stageOf(n: number): number {
    const stages = this.#stages;
    while (this.#at + 1 < stages.length && n >= stages[this.#at + 1]!.first) this.#at++;
    while (this.#at > 0 && n < stages[this.#at]!.first) this.#at--;
    return this.#at;
  }
}

interface Stage extends StagePlan {
  readonly startUs: number;
  /** Requests before it, and of it. */
  readonly first: number;
  readonly count: number;
  /** Between requests at its beginning. */
  readonly gapUs: number;
  readonly perSecond: number;
  /** How the rate changes, requests a second in each second. */
  readonly growth: number;
}

function stagesOf(plans: readonly StagePlan[]): Stage[] {
  let startUs = 0;
  let first = 0;
  return plans.map((plan) => {
    const { durationUs, fromQps, toQps } = plan;
    const seconds = durationUs / 1e6;
    const count = fromQps === 0 && toQps === 0 ? 0 : ((fromQps + toQps) / 2) * seconds;
    const growth = seconds === Infinity ? 0 : (toQps - fromQps) / seconds;
    const stage = { ...plan, startUs, first, count, gapUs: 1e6 / fromQps, perSecond: fromQps, growth };
    startUs += durationUs;
    first += count;
    return stage;
  });
}

/** What comes after the last stage, where nothing ends it. */
function held({ toQps, toConnections }: StagePlan): StagePlan {
  return constant(toQps, toConnections, Infinity);
}

function constant(qps: number, connections: number, durationUs: number): StagePlan {
  return {
    durationUs,
    fromQps: qps,
    toQps: qps,
    fromConnections: connections,
    toConnections: connections,
  };
}
