/** A plan's connections dealt to driver threads. Nothing is lost to rounding: every grid position goes to one thread. */

import { seededRandom, shuffle } from "../random.ts";
import { weightsOf } from "./connection-weights.ts";
import type { LoadPlan } from "./plan.ts";
import type { ScheduleSpec } from "./schedule.ts";

/**
 * One schedule a thread. Where connections stand on the grid is drawn by the run's seed before they are dealt: given out in
 * accept order they would space arrivals perfectly under exact_balance and clump them under the other modes.
 */
export function splitSchedule(load: LoadPlan, seed: number): ScheduleSpec[] {
  const weights = weightsOf(load);
  const cycle = weights.reduce((sum, weight) => sum + weight, 0);
  const positions = positionsOf(weights, { seed, uniform: load.uniform });
  return Array.from({ length: load.threads }, (_, thread) => ({
    qps: load.qps,
    cycle,
    // Where connections weigh differently no stage changes their number.
    stages: load.stages.map((stage) => ({
      ...stage,
      fromConnections: stage.fromConnections + cycle - load.connections,
      toConnections: stage.toConnections + cycle - load.connections,
    })),
    positions: positions.filter((_, connection) => connection % load.threads === thread),
    durationUs: load.durationUs === 0 ? Infinity : load.durationUs,
    limit: load.exactly ?? Infinity,
    warmupUs: load.warmupUs,
    arrivals: load.arrivals,
    uniform: load.uniform,
    jitter: load.jitter,
    seed,
    thread,
  }));
}

/**
 * The positions of each connection, as many as its weight, each of the cycle's given once. Connections of one weight stand
 * evenly in a drawn order, and the weights are merged by where in the cycle each then stands: between two of its turns a
 * connection waits for its equal part of the cycle, give or take one position for each other weight. Without `uniform` all
 * begin their parts together.
 */
function positionsOf(
  weights: readonly number[],
  { seed, uniform }: { seed: number; uniform: boolean },
): number[][] {
  const order = shuffle([...weights.keys()], seededRandom(seed, "slots"));
  if (weights.every((weight) => weight === 1)) return order.map((position) => [position]);
  const turns: { connection: number; at: number; rank: number }[] = [];
  const ranked = weights.map((weight, connection) => ({ weight, connection, rank: order[connection]! }));
  for (const [weight, alike] of Map.groupBy(ranked, (one) => one.weight))
    for (const [place, { connection, rank }] of alike.toSorted((a, b) => a.rank - b.rank).entries())
      for (let turn = 0; turn < weight; turn++)
        turns.push({
          connection,
          at: (turn + (uniform ? (place + 0.5) / alike.length : 0)) / weight,
          rank,
        });
  turns.sort((a, b) => a.at - b.at || a.rank - b.rank);
  const positions = weights.map((): number[] => []);
  for (const [position, { connection }] of turns.entries()) positions[connection]!.push(position);
  return positions;
}
