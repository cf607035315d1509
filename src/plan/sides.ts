/** The two sides of an A/B plan: `a` is the baseline, `b` the candidate. */

import type { Plan } from "./plan.ts";

/** Every target stands on both sides, or none on any: the plan has seen to that. */
export const hasSides = ({ targets }: Pick<Plan, "targets">): boolean =>
  targets.some(({ side }) => side !== "");
