/** How sure a share of successes is. */

/** One-sided 95 % lower bound of a share (C. Clopper, E. Pearson, Biometrika 26, 1934), by bisection. */
export function lowerBound(hits: number, of: number): number {
  let [low, high] = [0, hits / of];
  if (hits === 0) return 0;
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (atLeast(hits, of, middle) < 0.05) low = middle;
    else high = middle;
  }
  return low;
}

/** P(at least so many hits), binomial. */
function atLeast(hits: number, of: number, p: number): number {
  let [term, below] = [(1 - p) ** of, 0];
  for (let k = 0; k < hits; k++) {
    below += term;
    term *= ((of - k) / (k + 1)) * (p / (1 - p));
  }
  return 1 - below;
}
