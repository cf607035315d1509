/** Which target of the plan a run drove. */

import type { TargetPlan } from "../plan/plan.ts";
import type { Run } from "./result.ts";

/** A target of unknown mode goes by its URL, or, where an Envoy of our own had none beforehand, by its side alone. */
export function isRunOf(
  { side, mode, target }: Pick<Run, "side" | "mode" | "target">,
  planned: Pick<TargetPlan, "side" | "mode" | "url">,
): boolean {
  if (side !== planned.side || mode !== planned.mode) return false;
  return mode !== null || planned.url === "" || target.url === planned.url;
}
