/** Profile and flags → plan. Pure: the same intent and seed make the same plan, on any machine. */

import { basename } from "node:path";
import { checkBootstraps, inapplicableToTargets, resolveBootstrap } from "./bootstrap-plan.ts";
import { demand, isWhole } from "./impossible.ts";
import { resolveLab } from "./lab-plan.ts";
import { layer } from "./layer.ts";
import { resolveLoad } from "./load-plan.ts";
import type { LoadDefaults } from "./load-plan.ts";
import type { LabPlan, Plan, ProxyPlan, TargetPlan } from "./plan.ts";
import type { LoadProfile, Profile, TargetProfile } from "./profile.ts";
import { isToken } from "./request-plan.ts";
import { resolveSearch } from "./search-plan.ts";
import { resolvePath } from "./path-plan.ts";
import { plannedRuns, resolveSweep } from "./steps.ts";
import { checkTargetUrl } from "./target-url.ts";

/** The same as `profiles/default.yaml` says, for profiles that leave them out. */
const labDefaults = { qps: 3000, connections: 128, repetitions: 3, allowInitialErrors: true };
/** Five pairs can reach 5 %; seven leave room for two gates, and for one pair that says otherwise. */
const repetitionsOfSides = 7;
/** Fortio's. */
const urlDefaults = { qps: 8, connections: 4, repetitions: 1, allowInitialErrors: false };

const defaultPercentiles = [50, 75, 90, 99, 99.9];

/**
 * Resolves every default and freezes the plan, deeply. Flags have the shape of a profile and override it; targets
 * among the flags replace the profile's lab or targets. `freshSeed` counts where neither gives one.
 *
 * @throws MeshLoadError PLAN_IMPOSSIBLE, naming the flags and what to do
 */
export function createPlan({ profile, flags, freshSeed, proxies = null }: PlanSources): Plan {
  const wanted = layer(profile ?? {}, flags ?? {});
  const lab = wanted.targets === undefined ? resolveLab(wanted.lab ?? {}) : null;
  const defaults = lab === null ? urlDefaults : labDefaults;
  const seed = wanted.seed ?? freshSeed;
  demand(
    isWhole(seed, 0, 2 ** 32 - 1),
    `-seed ${seed} is out of range`,
    "Use a whole number, 0 to 4294967295.",
  );
  const targets = lab === null ? resolveTargets(wanted) : labTargets(wanted, lab);
  const repetitions =
    wanted.repetitions ??
    (targets.some(({ side }) => side !== "") ? repetitionsOfSides : defaults.repetitions);
  const runId = wanted.runId ?? 0;
  demand(isWhole(runId, 0, 2 ** 53), `-runid ${runId} is out of range`, "Use a whole number, 0 or more.");
  demand(isWhole(repetitions, 1, 1000), `-reps ${repetitions} is out of range`, "Use 1 to 1000.");
  const { load, sweep } = resolveSteps(
    wanted.load ?? {},
    { ...defaults, tls: tlsOf(lab, targets), proxies },
    seed,
  );
  const runs = plannedRuns({ targets, sweep, repetitions, search: null });
  demand(
    load.durationUs > 0 || load.exactly !== null || runs === 1,
    `-t 0 never ends the first of ${runs} runs`,
    "Drive one target once: one URL or one of -modes, one -c, and -reps 1.",
  );
  return freeze({
    labels: wanted.labels ?? (lab === null ? targets.map(({ name }) => name).join(" ") : "lab"),
    runId,
    seed,
    lab,
    targets,
    repetitions,
    load,
    sweep,
    search: resolveSearch(wanted.findMax, { load, sweep, targets }),
    scrape: { intervalMs: 1000 },
    map: wanted.map ?? "auto",
    workerHeader: checkHeaderName(wanted.workerHeader ?? "x-envoy-worker"),
    tailQuantile: checkTail(wanted.tail ?? 0.99),
    percentiles: (wanted.percentiles ?? defaultPercentiles).map(checkPercentile),
  });
}

export interface PlanSources {
  readonly profile?: Profile;
  readonly flags?: Profile;
  /** Drawn by the caller. */
  readonly freshSeed: number;
  /** Those of the environment, for the standard client. */
  readonly proxies?: ProxyPlan | null;
}

/** The load of the most connections; what makes any step impossible is found here, before the first. */
function resolveSteps(
  { connections, ...rest }: LoadProfile,
  defaults: LoadDefaults,
  seed: number,
): Pick<Plan, "load" | "sweep"> {
  const sweep = resolveSweep(connections);
  demand(
    sweep.length === 0 || rest.stages === undefined,
    `-c ${sweep.join(",")} is a sweep, a run each, and stages change the load within a run`,
    "Keep one of the two.",
  );
  const steps = connections === undefined ? [{}] : [connections].flat().map((one) => ({ connections: one }));
  const loads = steps.map((step) => resolveLoad({ ...rest, ...step }, defaults, seed));
  return { load: loads.reduce((most, load) => (load.connections > most.connections ? load : most)), sweep };
}

/** Whose TLS there is. */
function tlsOf(lab: LabPlan | null, targets: readonly TargetPlan[]): "lab" | "targets" | null {
  if (lab !== null) return lab.tls ? "lab" : null;
  return targets.some(({ url }) => url.startsWith("https:")) ? "targets" : null;
}

/** In the lab one target a mode; Envoy's addresses are known once it is up. */
function labTargets(wanted: Profile, { modes, sides }: LabPlan): TargetPlan[] {
  demand(
    wanted.hops === undefined,
    "hops are proxies of yours behind a URL, and the lab starts its own",
    "Give the URL too, or say how many the lab starts: `lab: { hops: 2 }`, -hops 2.",
  );
  refuseOwnServer(wanted, ["admin", "pid", "listener"]);
  return modes.flatMap((mode) =>
    (sides === null ? ([""] as const) : (["a", "b"] as const)).map((side) => ({
      name: mode,
      side,
      mode,
      url: "",
      admin: null,
      pid: null,
      listener: null,
    })),
  );
}

/** What says where a server of the user's is, where mesh-load starts one. */
function refuseOwnServer(wanted: Profile, keys: readonly ("admin" | "pid" | "listener")[]): void {
  for (const key of keys)
    demand(
      wanted[key] === undefined,
      `-${key} is for an Envoy of yours, and the lab starts its own`,
      "Give its URL too.",
    );
  for (const [key, flag] of [
    ["unixSocket", "unix-socket"],
    ["resolve", "resolve"],
  ] as const)
    demand(
      wanted.load?.[key] === undefined,
      `-${flag} says where a server of yours is, and the lab starts its own`,
      "Give its URL too.",
    );
}

function resolveTargets(wanted: Profile): TargetPlan[] {
  const { targets = [], listener } = wanted;
  const hasBootstraps = targets.some(({ bootstrap }) => bootstrap !== undefined);
  const foreign = inapplicableToTargets(wanted, targets);
  const forTls = foreign.includes("tls") && !hasBootstraps ? "For TLS write https:// in the URL. " : "";
  demand(
    wanted.lab === undefined || (hasBootstraps && foreign.length === 0),
    `${labFlags(foreign)}: for the lab's Envoy only, and ${hasBootstraps ? "bootstraps are started" : "URLs are driven"} as they are`,
    `${forTls}Leave them out, or leave the ${hasBootstraps ? "bootstraps" : "URL"} out to use the lab; MODE=URL says a listener's mode.`,
  );
  if (hasBootstraps) refuseOwnServer(wanted, ["admin", "pid"]);
  demand(targets.length > 0, "there is no target", "Give a URL, or none at all to use the lab.");
  demand(
    listener === undefined || targets.length === 1 || hasBootstraps,
    `-listener ${listener} cannot be the listener of ${targets.length} URLs`,
    "Leave it out: listeners are found by their address.",
  );
  const resolved = targets.map((target) => resolveTarget(target, wanted));
  for (const [i, { name, side }] of resolved.entries())
    demand(
      resolved.findIndex((other) => other.name === name && other.side === side) === i,
      `two targets are called ${name}`,
      "Use -reps to repeat one, or give them names in a profile.",
    );
  checkSides(resolved);
  checkBootstraps(resolved, wanted);
  return resolved;
}

/** Each target once on each side, or no sides at all: a run without its partner compares with nothing. */
function checkSides(targets: readonly TargetPlan[]): void {
  const onSide = (wanted: TargetPlan["side"]): TargetPlan[] => targets.filter(({ side }) => side === wanted);
  const [none, a, b] = [onSide(""), onSide("a"), onSide("b")];
  if (a.length + b.length === 0) return;
  const [ofA, ofB] = [modesOf(a), modesOf(b)];
  const hasBootstraps = targets.some(({ bootstrap }) => bootstrap !== undefined);
  demand(
    none.length === 0 && ofA.join() === ofB.join() && new Set(ofA).size === ofA.length,
    `-ab needs each target on both sides, and a has ${inWords(a)}, b ${inWords(b)}`,
    hasBootstraps
      ? "Write -ab A.yaml B.yaml, or MODE=FILE twice for each mode."
      : "Write -ab URL-A URL-B, or MODE=URL twice for each mode.",
  );
}

function modesOf(side: readonly TargetPlan[]): string[] {
  return side.map(({ mode }) => String(mode)).toSorted();
}

function inWords(side: readonly TargetPlan[]): string {
  return side.map(({ mode, bootstrap, url }) => mode ?? bootstrap?.file ?? url).join(" and ") || "none";
}

// The lab's keys are called as their flags are, but for capitals.
function labFlags(keys: readonly string[]): string {
  return keys
    .map((key) => `-${key.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`)
    .join(", ");
}

function resolveTarget(target: TargetProfile, shared: Profile): TargetPlan {
  const { mode = null, side = "" } = target;
  const path = resolvePath(target, shared);
  if (target.bootstrap !== undefined) {
    const name = target.name ?? mode ?? basename(target.bootstrap);
    return { name, side, mode, url: "", bootstrap: resolveBootstrap(target, shared), ...path };
  }
  demand(
    target.url !== undefined,
    `a target has neither URL nor bootstrap: ${JSON.stringify(target)}`,
    "Give it a `url`, or the file of a `bootstrap`.",
  );
  const url = checkTargetUrl(target.url);
  return { name: target.name ?? mode ?? new URL(url).host, side, mode, url, ...path };
}

function checkTail(tail: number): number {
  const hint = tail > 1 && tail < 100 ? `Write -tail ${tail / 100}.` : "Use 0.5 to 0.9999, such as 0.99.";
  demand(tail >= 0.5 && tail <= 0.9999, `-tail ${tail} is no quantile of the tail`, hint);
  return tail;
}

function checkPercentile(percentile: number): number {
  demand(
    percentile > 0 && percentile < 100,
    `-p ${percentile}: a percentile lies between 0 and 100`,
    "Write 50,90,99,99.9.",
  );
  return percentile;
}

function checkHeaderName(name: string): string {
  demand(isToken(name), `-worker-header ${JSON.stringify(name)} is no header name`, "Write x-envoy-worker.");
  return name.toLowerCase();
}

function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}
