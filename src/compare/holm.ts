/** Several gates at once: each may raise a false alarm, and together they must not do so more often than α. */

/**
 * Adjusted p-values (S. Holm, Scandinavian Journal of Statistics 6, 1979): one below α rejects, and the chance that any
 * of those which are wrong does so is at most α, whatever hangs together with what.
 */
export function holm(pValues: readonly number[]): number[] {
  const order = [...pValues.keys()].sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = pValues.map(() => 1);
  let least = 0;
  for (const [rank, at] of order.entries()) {
    least = Math.max(least, Math.min(1, (pValues.length - rank) * pValues[at]!));
    adjusted[at] = least;
  }
  return adjusted;
}
