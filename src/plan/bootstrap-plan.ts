/** Targets that are Envoy configurations of the user's: the lab starts an Envoy of each, for each run anew. */

import { demand } from "./impossible.ts";
import { resolveWorkers } from "./lab-plan.ts";
import type { BootstrapPlan, TargetPlan } from "./plan.ts";
import type { LabProfile, Profile, TargetProfile } from "./profile.ts";

/** What shapes an Envoy without touching its configuration. */
const applicable = new Set<string>(["envoy", "workers", "sides"]);

/** The flags among the lab's that a bootstrap leaves no room for; without bootstraps all of them. */
export function inapplicableToTargets(
  { lab = {} }: Profile,
  targets: readonly TargetProfile[],
): readonly string[] {
  if (targets.every(({ bootstrap }) => bootstrap === undefined)) return Object.keys(lab);
  const { a = {}, b = {} } = lab.sides ?? {};
  const ofSides = [...new Set(Object.keys({ ...a, ...b }))].filter((key) => key !== "envoy");
  return [...Object.keys(lab).filter((key) => !applicable.has(key)), ...ofSides.map((key) => `ab-${key}`)];
}

/** @throws MeshLoadError PLAN_IMPOSSIBLE */
export function resolveBootstrap(target: TargetProfile, { lab = {} }: Profile): BootstrapPlan {
  const { bootstrap: file = "", url, side } = target;
  demand(url === undefined, `target ${file} has a URL too, ${url}`, "Keep one of `url` and `bootstrap`.");
  return { file, envoy: envoyOf(lab, side), workers: resolveWorkers(lab) };
}

function envoyOf({ envoy, sides }: LabProfile, side: TargetProfile["side"]): string | null {
  return (side === undefined ? undefined : sides?.[side]?.envoy) ?? envoy ?? null;
}

/** One at a time they may share an address, so that runs go by their side and mode alone. */
export function checkBootstraps(targets: readonly TargetPlan[], wanted: Profile): void {
  const files = targets.flatMap(({ bootstrap }) => bootstrap?.file ?? []);
  if (files.length === 0) return;
  demand(
    files.length === targets.length,
    `${files[0]} is a bootstrap, and ${targets.find(({ url }) => url !== "")?.url} a URL`,
    "Give bootstraps alone, or start that Envoy yourself and give its URL.",
  );
  const unknown = targets.filter(({ mode, side }) => mode === null && side === "");
  demand(
    targets.length === 1 || unknown.length === 0,
    `${files.join(" and ")}: what is to be compared is not clear`,
    "Write -ab for two sides, or MODE=FILE for each.",
  );
  demand(
    wanted.load?.tls === undefined,
    "a bootstrap's listener is driven in plain text, and a flag is about TLS",
    "Start that Envoy yourself and give its https:// URL.",
  );
}
