/** Standard normal draws from uniform ones. */

import type { Random } from "../random.ts";

/** One draw of N(0, 1) (G. Box, M. Muller, Annals of Mathematical Statistics 29, 1958). */
export function normalDraw(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
