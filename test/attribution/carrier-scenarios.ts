/** Targets on which the connections and the requests of workers differ, and it is known which of the two carries the tail. */

import { attribute } from "../../src/attribution/attribution.ts";
import { seededRandom } from "../../src/random.ts";
import type { Carrier, ModeAttribution } from "../../src/result/attribution.ts";
import { simulatedRun } from "./simulated-run.ts";
import { drawRun, placements, serve, shiftedExponential } from "./simulated-target.ts";
import type { Scenario } from "./simulated-target.ts";

export interface CarrierScenario {
  readonly scenario: Scenario;
  /** The heavy connection is the first. */
  readonly placed: (seed: number) => readonly number[];
  /** `unclear`: neither does. */
  readonly truth: Carrier;
}

export const heavyAmongEqualCounts: Scenario = {
  workers: 4,
  connections: 16,
  qps: 4000,
  durationS: 5,
  arrivals: "poisson",
  service: shiftedExponential(73, 200),
  heavyTimes: 12,
};

/** One connection with as many requests as the eight others together. */
const heavyAlone: Scenario = {
  ...heavyAmongEqualCounts,
  workers: 2,
  qps: 2500,
  connections: 9,
  heavyTimes: 8,
};
const balancedRequests = (seed: number): number[] =>
  seed % 2 === 0 ? [0, 1, 1, 1, 1, 1, 1, 1, 1] : [1, 0, 0, 0, 0, 0, 0, 0, 0];

export const carrierScenarios = {
  "heavy among equal counts": {
    scenario: heavyAmongEqualCounts,
    placed: (seed) => placements.counts([4, 4, 4, 4], seededRandom(seed, "carrier")),
    truth: "requests",
  },
  "heavy alone, connections cost": {
    scenario: { ...heavyAlone, perConnectionUs: 25 },
    placed: balancedRequests,
    truth: "connections",
  },
  "heavy alone, connections cost nothing": {
    scenario: heavyAlone,
    placed: balancedRequests,
    truth: "unclear",
  },
} as const satisfies Record<string, CarrierScenario>;

/** What is said of a mode with so many runs. */
export function judgeCarrier(
  { scenario, placed }: Pick<CarrierScenario, "scenario" | "placed">,
  { seed, repetitions }: { readonly seed: number; readonly repetitions: number },
): ModeAttribution {
  const runs = Array.from({ length: repetitions }, (_, order) => {
    const draws = drawRun(scenario, seed, `carrier ${order}`);
    const placement = placed(seed * repetitions + order);
    return simulatedRun(
      draws,
      { served: serve(draws, placement), placement },
      { order, mode: "default", repetition: order },
    );
  });
  return attribute(runs, { tailQuantile: 0.99, seed }).perMode[0]!;
}
