/** How much load: at which rate, on how many connections, and until when. */

import { durationUs } from "./duration.ts";
import { demand, isWhole } from "./impossible.ts";
import type { LoadPlan } from "./plan.ts";
import type { StepProfile } from "./profile.ts";
import { resolveStages } from "./stages-plan.ts";

export type AmountPlan = Pick<LoadPlan, "qps" | "connections" | "stages" | "durationUs" | "exactly">;

const defaultDuration = "5s";

/** How long a load is to start requests; `null` where it is told by none: until interrupted, or a count as fast as it goes. */
export function plannedUs({
  qps,
  exactly,
  durationUs,
}: Pick<LoadPlan, "qps" | "exactly" | "durationUs">): number | null {
  if (exactly === null) return durationUs > 0 ? durationUs : null;
  return qps > 0 ? (exactly / qps) * 1e6 : null;
}

/** @throws MeshLoadError PLAN_IMPOSSIBLE, naming the flag */
export function resolveAmount(
  load: StepProfile,
  defaults: { readonly qps: number; readonly connections: number },
): AmountPlan {
  const qps = (load.calcQps ?? false) ? calculatedQps(load) : (load.qps ?? defaults.qps);
  demand(qps >= 0 && Number.isFinite(qps), `-qps ${qps} is no rate`, "Use -qps 0 for as fast as it goes.");
  const connections = load.connections ?? defaults.connections;
  demand(
    isWhole(connections, 1, 1_000_000),
    `-c ${connections} is no number of connections`,
    "Use a whole number, 1 to 1000000.",
  );
  if (load.stages !== undefined) return resolveStages(load.stages, load, { qps, connections });
  return { qps, connections, stages: [], ...resolveEnd(load, { qps, connections }) };
}

function calculatedQps({ qps, exactly, duration = defaultDuration }: StepProfile): number {
  demand(qps === undefined, `-calc-qps and -qps ${qps} contradict each other`, "Keep one of the two.");
  demand(
    exactly !== undefined && durationUs("-t", duration) > 0,
    "-calc-qps divides -n by -t, and one of them is missing",
    "Write -n 1000 -t 10s -calc-qps.",
  );
  return (exactly / durationUs("-t", duration)) * 1e6;
}

function resolveEnd(
  { duration, exactly, calcQps = false }: StepProfile,
  { qps, connections }: { qps: number; connections: number },
): Pick<LoadPlan, "durationUs" | "exactly"> {
  if (exactly === undefined) {
    const us = durationUs("-t", duration ?? defaultDuration);
    const requests = (qps * us) / 1e6;
    demand(
      qps === 0 || us === 0 || requests >= 1,
      `-qps ${qps} for -t ${duration ?? defaultDuration} makes not one whole request`,
      "Raise -qps, or run longer with -t.",
    );
    return { durationUs: us, exactly: null };
  }
  demand(
    duration === undefined || calcQps,
    `-n ${exactly} and -t ${duration} contradict each other: a load ends by count or by time`,
    "Keep one of the two.",
  );
  demand(
    isWhole(exactly, 1, 1e12),
    `-n ${exactly}: the count must be a whole number, at least 1`,
    "Use -n 1 or more.",
  );
  demand(
    exactly >= connections,
    `-n ${exactly} leaves some of -c ${connections} without a request`,
    `Use -c ${exactly} or less, or -n ${connections} or more.`,
  );
  return { durationUs: 0, exactly };
}
