/** What one run left behind: the input of `createRun`. */

import type { Mode } from "../plan/mode.ts";
import type { LoadPlan } from "../plan/plan.ts";
import type { Load } from "./load.ts";
import type { Mapping } from "./mapping.ts";
import type { Observation, ObservedHop } from "./observation.ts";
import type { Run } from "./result.ts";

/** Which run of the experiment this is. */
type RunIdentity = Pick<Run, "order" | "block" | "side" | "step" | "repetition" | "startedAt">;

/** Everything that one run left behind. */
export interface RunParts {
  readonly identity: RunIdentity;
  readonly target: Run["target"] & { readonly mode: Mode | null };
  readonly plan: LoadPlan;
  readonly load: Load;
  readonly observation: Observation;
  /** The proxies behind the first, in the order of the path. */
  readonly behind: readonly ObservedHop[];
  readonly mapping: Mapping;
  /** 0…1. */
  readonly tailQuantile: number;
  /** In per cent, beside the standing ones. */
  readonly percentiles: readonly number[];
}
