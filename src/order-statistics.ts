/** Medians and quantiles of a handful of numbers. */

/** The median; `NaN` of none. */
export const median = (values: readonly number[]): number => quantileOf(values, 0.5);

/** The quantile (0…1) with linear interpolation between the order statistics (Hyndman and Fan's type 7). */
function quantileOf(values: readonly number[], quantile: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = quantile * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (at - Math.floor(at)) * (above - below);
}

/** Smallest and largest, also of more values than a call takes arguments. */
export function rangeOf(values: readonly number[]): [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return [least, most];
}

/** The central 90 % of draws: what every interval of the attribution is. */
export function intervalOf(draws: readonly number[]): [number, number] {
  return [quantileOf(draws, 0.05), quantileOf(draws, 0.95)];
}
