/** What files of the same schemaVersion lack that an earlier mesh-load wrote, and what its absence meant. */

import type { LabPlan, LoadPlan, Plan } from "../plan/plan.ts";
import type { ModeAttribution } from "./attribution.ts";
import type { HopResult } from "./hops.ts";
import type { ConnectionResult, Run } from "./result.ts";

const laterInLoadPlan = {
  client: "fast",
  followRedirects: false,
  compression: false,
  proxies: null,
  stages: [],
  connectionWeights: [],
  abortOn: null,
  allowInitialErrors: true,
  connect: "burst",
  connectionReuse: null,
  unixSocket: null,
  resolve: [],
  resolveIpType: null,
  dnsMethod: "cached-rr",
  requests: [],
  tls: null,
} satisfies Partial<LoadPlan>;

const laterInLab = { tls: false, sides: null } satisfies Partial<LabPlan>;

/** What a run holds of what no older file, and no other tool, knows. */
export const laterInRun = {
  addresses: {},
  redirects: 0,
  kernelTimed: 0,
  stop: null,
  stages: [],
  requestKinds: [],
  hops: [],
  retired: 0,
  openFailures: {},
  tlsResumed: 0,
} satisfies Partial<Run>;

const laterInConnection = { retired: false } satisfies Partial<ConnectionResult>;

const laterInHop = { times: null } satisfies Partial<HopResult>;

const laterInMode = { requestMaxOverMean: null, carrier: null } satisfies Partial<ModeAttribution>;

const laterInPlan = { runId: 0, sweep: [], search: null } satisfies Partial<Plan>;

/** Gives a parsed file what it lacks; what is no result set is left for the schema to refuse. */
export function completeOlderFile(value: unknown): void {
  const { plan, runs, environment, attribution } = recordOf(value);
  complete(value, { maxRates: [] });
  complete(plan, laterInPlan);
  complete(recordOf(plan)["load"], laterInLoadPlan);
  complete(recordOf(plan)["lab"], laterInLab);
  complete(environment, { sides: null });
  const { targets } = recordOf(plan);
  if (Array.isArray(targets)) for (const target of targets) complete(target, { side: "" });
  const { perMode } = recordOf(attribution);
  if (Array.isArray(perMode)) for (const mode of perMode) complete(mode, laterInMode);
  if (Array.isArray(runs)) for (const run of runs) completeRun(run);
}

function completeRun(run: unknown): void {
  complete(run, laterInRun);
  const { connections, hops } = recordOf(run);
  if (Array.isArray(connections)) for (const one of connections) complete(one, laterInConnection);
  if (Array.isArray(hops)) for (const hop of hops) complete(hop, laterInHop);
}

function complete(value: unknown, later: object): void {
  const record = recordOf(value);
  for (const [key, absent] of Object.entries(later)) record[key] ??= absent;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
