/** Connections that send more than others: `load.connectionWeights` of a profile. */

import { demand, isWhole } from "./impossible.ts";
import type { ConnectionWeight, LoadPlan } from "./plan.ts";
import type { StepProfile } from "./profile.ts";

const largestWeight = 1000;
const longestCycle = 1_000_000;

/**
 * Checked against the load that they divide; none where all connections are alike.
 *
 * @throws MeshLoadError PLAN_IMPOSSIBLE
 */
export function resolveConnectionWeights(
  { connectionWeights: wanted = [] }: StepProfile,
  load: Pick<LoadPlan, "qps" | "connections" | "stages" | "exactly" | "keepalive">,
): ConnectionWeight[] {
  if (wanted.length === 0) return [];
  for (const [i, { connections, weight }] of wanted.entries()) {
    const place = `load.connectionWeights[${i}]`;
    demand(
      isWhole(connections, 1, 1_000_000),
      `${place}.connections ${connections} is no number of connections`,
      "Use a whole number, 1 to 1000000.",
    );
    demand(
      isWhole(weight, 1, largestWeight),
      `${place}.weight ${weight} is out of range`,
      `Use a whole number, 1 to ${largestWeight}.`,
    );
  }
  checkMeaning(load);
  const connections = wanted.reduce((sum, one) => sum + one.connections, 0);
  demand(
    connections <= load.connections,
    `load.connectionWeights are of ${connections} connections, and -c ${load.connections} are fewer`,
    `Use -c ${connections} or more, or fewer connections there; those that it does not name weigh 1.`,
  );
  checkCycle({ ...load, connectionWeights: wanted });
  return wanted.map((one) => ({ connections: one.connections, weight: one.weight }));
}

/** Only a schedule divides requests, and only over connections that stay. */
function checkMeaning({ qps, stages, keepalive }: Pick<LoadPlan, "qps" | "stages" | "keepalive">): void {
  demand(
    qps > 0,
    "load.connectionWeights divide a rate, and with -qps 0 every connection sends as fast as it is answered",
    "Give a rate with -qps.",
  );
  demand(
    keepalive,
    "load.connectionWeights need connections that stay, and with -keepalive=false each request has its own",
    "Keep one of the two.",
  );
  demand(
    new Set(stages.flatMap((stage) => [stage.fromConnections, stage.toConnections])).size <= 1,
    "load.connectionWeights and load.stages that change the connections do not go together",
    "Let the stages change the rate alone.",
  );
}

function checkCycle(load: Pick<LoadPlan, "connections" | "connectionWeights" | "exactly">): void {
  const cycle = weightsOf(load).reduce((sum, weight) => sum + weight, 0);
  demand(
    cycle <= longestCycle,
    `load.connectionWeights make a cycle of ${cycle} requests`,
    `Use smaller weights: at most ${longestCycle} in all.`,
  );
  demand(
    load.exactly === null || load.exactly >= cycle,
    `-n ${load.exactly} is less than the ${cycle} requests over which load.connectionWeights are exact`,
    `Use -n ${cycle} or more, or smaller weights.`,
  );
}

/** The weight of each slot, by their numbers over all threads, divided by what all have in common. */
export function weightsOf({
  connections,
  connectionWeights,
}: Pick<LoadPlan, "connections" | "connectionWeights">): number[] {
  const weights = Array<number>(connections).fill(1);
  let at = 0;
  for (const group of connectionWeights) weights.fill(group.weight, at, (at += group.connections));
  const divisor = weights.reduce(greatestCommonDivisor);
  return weights.map((weight) => weight / divisor);
}

export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
