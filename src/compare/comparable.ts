/** Whether two result sets may be compared: where plan, Envoy, work and machine differ. */

import type { ABSide, TargetPlan } from "../plan/plan.ts";
import type { ResultSet } from "../result/result.ts";
import { formatMicros } from "../units.ts";
import type { FieldDifference } from "./comparison.ts";

/** Calibration finds the work to a few per cent; more is another load. */
const workMayDiffer = 0.1;
const workIsTheSame = 0.02;

/** Every field that is not the same, but for names, seeds, repetitions, addresses and what is only printed. */
export function differencesOf(baseline: ResultSet, candidate: ResultSet): FieldDifference[] {
  return [
    ...planDifferences(baseline, candidate),
    ...workDifference(baseline, candidate),
    ...(["envoy", "workers"] as const).flatMap((field) =>
      differ(
        field,
        [baseline, candidate].map(({ environment }) => environment[field]),
        "plan",
      ),
    ),
    ...(["cpuModel", "cpus"] as const).flatMap((field) =>
      differ(
        field,
        [baseline, candidate].map(({ environment }) => environment[field]),
        "machine",
      ),
    ),
    ...(["os", "node"] as const).flatMap((field) =>
      differ(
        field,
        [baseline, candidate].map(({ environment }) => environment[field]),
        "small",
      ),
    ),
    ...differ("tool.version", [baseline.tool.version, candidate.tool.version], "small"),
  ];
}

/** In what the two sides of an A/B set differ, as they were meant to. */
export function sideDifferences({ environment, plan }: ResultSet): FieldDifference[] {
  const { sides } = environment;
  const labs = plan.lab?.sides ?? null;
  const bootstraps = (["a", "b"] as const).map((side) => bootstrapsOf(plan.targets, side));
  const works = [sides?.a.work, sides?.b.work].map((work) => formatMicros(work?.perRequestUs ?? 0));
  const upstreams = [labs?.a.upstream, labs?.b.upstream].map((upstream) =>
    flatten({ upstream: upstream ?? {} }),
  );
  return [
    ...differ("envoy", [sides?.a.envoy, sides?.b.envoy], "small"),
    ...differ("envoy binary", [labs?.a.envoy, labs?.b.envoy], "small"),
    ...(["bootstrap", "envoy binary"] as const).flatMap((field) =>
      differ(
        field,
        bootstraps.map((side) => side[field]),
        "small",
      ),
    ),
    ...differ("work", works, "small"),
    ...[...new Set(upstreams.flatMap((fields) => [...fields.keys()]))].flatMap((field) =>
      differ(
        field,
        upstreams.map((fields) => fields.get(field)),
        "small",
      ),
    ),
  ];
}

function bootstrapsOf(targets: readonly TargetPlan[], side: ABSide): Record<string, string> {
  const own = targets.flatMap((target) => (target.side === side ? (target.bootstrap ?? []) : []));
  return {
    bootstrap: own.map(({ file }) => file).join(" "),
    "envoy binary": own[0]?.envoy ?? "none",
  };
}

/** The load in every field, what the lab puts behind it, and where URLs lead apart from host and port. */
function planDifferences(baseline: ResultSet, candidate: ResultSet): FieldDifference[] {
  const plans = [baseline, candidate].map(({ plan: { lab, load, sweep, targets } }) =>
    flatten({
      load,
      sweep,
      lab: lab === null ? "none" : { upstream: lab.upstream ?? "none" },
      target: lab === null ? pathsOf(targets) : "lab",
    }),
  );
  const fields = new Set(plans.flatMap((plan) => [...plan.keys()]));
  return [...fields].flatMap((field) =>
    differ(
      field,
      plans.map((plan) => plan.get(field)),
      "plan",
    ),
  );
}

const pathsOf = (targets: readonly TargetPlan[]): string =>
  [...new Set(targets.map(({ url }) => URL.parse(url)).map((url) => (url ? url.pathname + url.search : "")))]
    .sort()
    .join(" ");

/** `load.request.method` → `GET`. */
function flatten(value: unknown, path = "", fields = new Map<string, unknown>()): Map<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return fields.set(path, value);
  for (const [key, part] of Object.entries(value))
    flatten(part, path === "" ? key : `${path}.${key}`, fields);
  return fields;
}

function workDifference(baseline: ResultSet, candidate: ResultSet): FieldDifference[] {
  const [one, two] = [baseline, candidate].map(({ environment: { work } }) => work?.perRequestUs ?? 0) as [
    number,
    number,
  ];
  const off = Math.abs(two - one) / Math.max(one, two, 1);
  if (off <= workIsTheSame) return [];
  return differ("work", [formatMicros(one), formatMicros(two)], off > workMayDiffer ? "plan" : "small");
}

function differ(
  field: string,
  [baseline, candidate]: readonly unknown[],
  weight: FieldDifference["weight"],
): FieldDifference[] {
  const [one, two] = [show(baseline), show(candidate)];
  return one === two ? [] : [{ field, baseline: one, candidate: two, weight }];
}

function show(value: unknown): string {
  if (value === undefined || value === null) return "none";
  return typeof value === "string" ? value : JSON.stringify(value);
}
