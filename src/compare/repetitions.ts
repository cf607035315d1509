/** Whether so many repetitions can tell anything at all, known before any of them is made. */

import { rankSum, rejects, signedRank } from "./null-distribution.ts";

export interface RepetitionsWish {
  readonly repetitions: number;
  readonly design: "paired" | "unpaired";
  /** Tests that share α. */
  readonly tests: number;
  readonly alpha: number;
}

/** The fewest repetitions with which every one of the tests could fail a gate. */
export function leastRepetitions({ design, tests, alpha }: Omit<RepetitionsWish, "repetitions">): number {
  for (let repetitions = 1; ; repetitions++)
    if (rejects(leastPOf(design, repetitions), alpha / tests)) return repetitions;
}

/** In words, what so few repetitions cannot tell and how many could; `null` where there are enough. */
export function tooFewRepetitions(wish: RepetitionsWish): string | null {
  const { repetitions, design, tests, alpha } = wish;
  const needed = leastRepetitions(wish);
  if (repetitions >= needed) return null;
  const p = Number(leastPOf(design, repetitions).toPrecision(2));
  const level = Number((alpha / tests).toPrecision(2));
  const runs = design === "paired" ? `${repetitions} pairs of runs` : `${repetitions} runs against as many`;
  return `${runs} reach p = ${p} at best, and a gate needs less than ${level}: use -reps ${needed} or more`;
}

function leastPOf(design: RepetitionsWish["design"], repetitions: number): number {
  const law = design === "paired" ? signedRank(repetitions) : rankSum(repetitions, repetitions);
  return law.tail(law.most);
}
