/** How many samples a quantile needs. */

/** Beyond a quantile there must be so many samples, or it is the luck of a few. */
const leastBeyond = 10;

/** @example samplesNeeded(0.99) // 1000 */
export function samplesNeeded(quantile: number): number {
  // Without the allowance 1 − 0.999 would ask for one more.
  return Math.ceil(leastBeyond / (1 - quantile) - 1e-6);
}
