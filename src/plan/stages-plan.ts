/** Loads whose rate, or number of connections, changes: `load.stages` of a profile. */

import type { AmountPlan } from "./amount-plan.ts";
import { durationUs } from "./duration.ts";
import { demand, isWhole } from "./impossible.ts";
import type { StagePlan } from "./plan.ts";
import type { StepProfile, StageProfile } from "./profile.ts";
import { RateCurve } from "./rate-curve.ts";

/** What k6's ramps begin with, where nothing else is said. */
const nothing = { qps: 0, connections: 1 };

/**
 * One stage after the other; what a stage does not name stays as it was. `given` are the rate and the connections that
 * hold where no stage names them, and from which a first linear stage begins where the profile says them.
 *
 * @throws MeshLoadError PLAN_IMPOSSIBLE, naming the key of the profile
 */
export function resolveStages(
  stages: readonly StageProfile[],
  load: StepProfile,
  given: { readonly qps: number; readonly connections: number },
): AmountPlan {
  checkEnd(load);
  checkUse(stages, load, "qps");
  checkUse(stages, load, "connections");
  const qps = begins(stages, load, "qps") ?? given.qps;
  const connections = begins(stages, load, "connections") ?? given.connections;
  let before = { qps, connections };
  const plans = stages.map((stage, i): StagePlan => {
    const after = { qps: stage.qps ?? before.qps, connections: stage.connections ?? before.connections };
    const from = stage.ramp === "linear" ? before : after;
    before = after;
    return {
      durationUs: lengthUs(stage, i),
      fromQps: from.qps,
      toQps: after.qps,
      fromConnections: from.connections,
      toConnections: after.connections,
    };
  });
  for (const { toQps, toConnections } of plans) {
    demand(toQps >= 0 && Number.isFinite(toQps), `load.stages: qps ${toQps} is no rate`, "Use 0 or more.");
    demand(
      isWhole(toConnections, 1, 1_000_000),
      `load.stages: ${toConnections} is no number of connections`,
      "Use a whole number, 1 to 1000000.",
    );
  }
  const endless = load.duration !== undefined;
  const totalUs = plans.reduce((sum, stage) => sum + stage.durationUs, 0);
  const amount: AmountPlan = {
    qps: Math.max(...plans.flatMap(({ fromQps, toQps }) => [fromQps, toQps])),
    connections: Math.max(...plans.flatMap((plan) => [plan.fromConnections, plan.toConnections])),
    stages: plans,
    durationUs: endless ? 0 : totalUs,
    exactly: null,
  };
  const closedLoop = stages.every((stage) => stage.qps === undefined) && given.qps === 0;
  const { total } = new RateCurve({ ...amount, durationUs: endless ? Infinity : totalUs });
  demand(
    closedLoop || total >= 0.999,
    "load.stages make not one whole request",
    "Raise a qps, or a duration.",
  );
  demand(
    closedLoop || !endless || plans.at(-1)!.toQps > 0,
    "-t 0 holds the last stage, and that has no request",
    "Leave out -t 0, or give the last stage a qps.",
  );
  return amount;
}

function checkEnd({ duration, exactly, calcQps = false, warmup }: StepProfile): void {
  demand(
    exactly === undefined && !calcQps,
    `-n ${exactly} and load.stages contradict each other: stages say how long they last`,
    "Leave out -n.",
  );
  demand(
    duration === undefined || durationUs("-t", duration) === 0,
    `-t ${duration} and load.stages contradict each other: stages say how long they last`,
    "Leave out -t, or write -t 0 to hold the last stage until interrupted.",
  );
  demand(
    warmup === undefined || durationUs("-warmup", warmup) === 0,
    `-warmup ${warmup} and load.stages contradict each other: the first stage warms up`,
    "Add a stage before the others: each has its own figures.",
  );
}

/** What is given beside the stages must mean something: the first stage, at least, has to begin with it. */
function checkUse(stages: readonly StageProfile[], load: StepProfile, key: "qps" | "connections"): void {
  const flag = key === "qps" ? "-qps" : "-c";
  const first = stages[0]!;
  demand(
    load[key] === undefined || first[key] === undefined || first.ramp === "linear",
    `${flag} ${load[key]} has no effect: the first of load.stages begins with ${key} ${first[key]}`,
    `Leave it out, or let the first stage ramp: linear from there.`,
  );
}

/** What the first stage begins with, as far as the profile says; `undefined` where the given value holds. */
function begins(
  stages: readonly StageProfile[],
  load: StepProfile,
  key: "qps" | "connections",
): number | undefined {
  if (load[key] !== undefined) return load[key];
  // A first stage that does not name it has the default; one that does begins there, or at nothing.
  return stages[0]![key] === undefined ? undefined : nothing[key];
}

function lengthUs({ duration }: StageProfile, i: number): number {
  const us = durationUs(`load.stages[${i}].duration`, duration);
  demand(
    us > 0 && us % 1e6 === 0,
    `load.stages[${i}]: ${duration} are not whole seconds`,
    "Use 1s or more: every second of the series belongs to one stage.",
  );
  return us;
}
