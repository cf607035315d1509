/** How many requests a connection serves before it is retired (`-connection-reuse`). */

import type { LoadPlan } from "../plan/plan.ts";
import { seededRandom } from "../random.ts";

/** Draws the requests that the next connection of a slot is to serve; `Infinity` where none is ever retired. */
export type Lifetime = () => number;

/** A slot's draws are its own, so that they are the same whatever happens on the others. */
export function lifetimeOf(range: LoadPlan["connectionReuse"], seed: number, slot: number): Lifetime {
  if (range === null) return () => Infinity;
  const { least, most } = range;
  const random = seededRandom(seed, `reuse-${slot}`);
  return () => least + Math.floor(random() * (most - least + 1));
}
