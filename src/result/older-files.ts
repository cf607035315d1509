/** What files of the same schemaVersion lack that an earlier mesh-load wrote, and what its absence meant. */

import type { LoadPlan, Plan } from "../plan/plan.ts";
import type { Run } from "./result.ts";

const laterInLoadPlan = {
  client: "fast",
  followRedirects: false,
  compression: false,
  proxies: null,
  stages: [],
  abortOn: null,
  allowInitialErrors: true,
  unixSocket: null,
  resolve: [],
  resolveIpType: null,
  dnsMethod: "cached-rr",
} satisfies Partial<LoadPlan>;

const laterInRun = { addresses: {}, redirects: 0, stop: null, stages: [] } satisfies Partial<Run>;

const laterInPlan = { runId: 0 } satisfies Partial<Plan>;

/** Gives a parsed file what it lacks; what is no result set is left for the schema to refuse. */
export function completeOlderFile(value: unknown): void {
  const { plan, runs } = recordOf(value);
  complete(plan, laterInPlan);
  complete(recordOf(plan)["load"], laterInLoadPlan);
  if (Array.isArray(runs)) for (const run of runs) complete(run, laterInRun);
}

function complete(value: unknown, later: object): void {
  const record = recordOf(value);
  for (const [key, absent] of Object.entries(later)) record[key] ??= absent;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
