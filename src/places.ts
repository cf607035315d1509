/** Which run comes next: targets, steps and repetitions in a seeded random order, or where a search leads. */

import { nextQps, parseObjectives, probesOf } from "./compare/max-rate.ts";
import { decidable } from "./compare/search-samples.ts";
import type { Plan, SearchPlan, TargetPlan } from "./plan/plan.ts";
import { rateStep, stepsOf } from "./plan/steps.ts";
import type { Step } from "./plan/steps.ts";
import { seededRandom, shuffle } from "./random.ts";
import type { Run } from "./result/result.ts";

/** Where one run stands in the experiment. */
export interface Place {
  readonly target: TargetPlan;
  readonly step: Step;
  readonly block: number;
  readonly repetition: number;
}

/** Gives a place, and wants the run that was made there before it gives the next. */
export type Places = Generator<Place, void, Run>;

export function placesOf(targets: readonly TargetPlan[], plan: Plan): Places {
  return plan.search === null ? interleave(targets, plan) : search(targets, plan, plan.search);
}

/**
 * Each block drives every target once, in an order of its own: what drifts hits all targets alike. The two sides of a
 * target come one right after the other, whichever first. A sweep goes through its steps, a block each, and then again.
 */
function* interleave(targets: readonly TargetPlan[], plan: Plan): Places {
  const random = seededRandom(plan.seed, "order");
  const groups = [
    ...Map.groupBy(targets, ({ side, mode, name }) => (side === "" ? name : (mode ?? ""))).values(),
  ];
  let block = 0;
  for (let repetition = 0; repetition < plan.repetitions; repetition++)
    for (const step of stepsOf(plan)) {
      for (const sides of shuffle(groups, random))
        for (const target of shuffle(sides, random)) yield { target, step, block, repetition };
      block++;
    }
}

/** Every target whose search goes on is driven at the rate that it needs next, as often as the plan repeats. */
function* search(targets: readonly TargetPlan[], plan: Plan, wanted: SearchPlan): Places {
  const random = seededRandom(plan.seed, "order");
  const objectives = parseObjectives(wanted.objectives);
  const reachable = decidable(wanted, objectives, plan.load);
  const made = new Map(targets.map((target) => [target, [] as Run[]]));
  for (let block = 0; ;) {
    const round = [...made].flatMap(([target, runs]) => {
      const qps = nextQps(probesOf(runs, objectives), reachable);
      return qps === null ? [] : [{ target, step: rateStep(plan.load, qps) }];
    });
    if (round.length === 0) return;
    for (let repetition = 0; repetition < plan.repetitions; repetition++, block++)
      for (const { target, step } of shuffle(round, random))
        made.get(target)!.push(yield { target, step, block, repetition });
  }
}
