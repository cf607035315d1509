/**
 * How sharply the tail bends with load is not known beforehand, and few runs tell it only roughly: every bend is fitted,
 * and their answers averaged by how well each accounts for what the runs show (J. Hoeting, D. Madigan, A. Raftery,
 * C. Volinsky, Bayesian Model Averaging, Statistical Science 14, 1999). So the interval knows of the doubt.
 */

import type { Random } from "../random.ts";
import { atSlope } from "./profile.ts";
import type { ShapeFit } from "./profile.ts";

export interface WeightedFit extends ShapeFit {
  /** How likely this bend is among those fitted; they add up to 1. */
  readonly weight: number;
}

/** Fits with their weights, exp(−z²/2): all bends are equally likely before the runs are seen. */
export function weighted(fits: readonly ShapeFit[]): WeightedFit[] {
  const likelihoods = fits.map((fit) => Math.exp(-(misfit(fit) ** 2) / 2));
  const sum = likelihoods.reduce((a, b) => a + b, 0);
  return fits.map((fit, i) => Object.assign({}, fit, { weight: likelihoods[i]! / sum }));
}

/**
 * What a bend leaves unexplained, in standard errors: the tail of the rescaled runs must not follow the square of the
 * response either (J. Ramsey, Journal of the Royal Statistical Society B 31, 1969, tests a regression so). The slope was
 * fitted to the same runs: what it took is taken out of each run's part.
 */
function misfit({ profiles, slopes, slope }: ShapeFit): number {
  const step = slopes[1]! - slopes[0]!;
  const fall = (row: Float64Array): number =>
    atSlope(row, slopes, slope - step) - atSlope(row, slopes, slope + step);
  const sum = (of: (i: number) => number): number => profiles.reduce((total, _, i) => total + of(i), 0);
  const falls = sum((i) => fall(profiles[i]!.left));
  const ratio = falls === 0 ? 0 : sum((i) => fall(profiles[i]!.leftOfSquare)) / falls;
  const parts = profiles.map(
    ({ left, leftOfSquare }) => atSlope(leftOfSquare, slopes, slope) - ratio * atSlope(left, slopes, slope),
  );
  const squares = parts.reduce((total, part) => total + part ** 2, 0);
  return squares === 0 ? 0 : parts.reduce((a, b) => a + b, 0) / Math.sqrt(squares);
}

/** The mean of what the fits say, by their weights. */
export function meanOver<F extends { readonly weight: number }>(
  fits: readonly F[],
  of: (fit: F) => number,
): number {
  return fits.reduce((sum, fit) => sum + fit.weight * of(fit), 0);
}

/** Draws a fit by its weight: its index. */
export function pick(fits: readonly WeightedFit[], random: Random): number {
  let left = random();
  let at = 0;
  while (at < fits.length - 1 && left >= fits[at]!.weight) left -= fits[at++]!.weight;
  return at;
}
