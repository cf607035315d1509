/** "Did you mean …?": the known name nearest to one that nobody knows. */

/**
 * The candidate with the fewest edits to `word`, or `undefined` where none is near enough to be meant (more than a
 * third of the word's letters wrong, two at least). Case does not count.
 *
 * @example nearest("qsp", ["qps", "c"]) // "qps"
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const allowed = Math.max(2, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance >= bestDistance || distance > allowed || distance >= candidate.length) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** `Did you mean "qps"?`, or empty text where nothing is near. `show` writes the candidate as its reader would. */
export function didYouMean(word: string, candidates: readonly string[], show = JSON.stringify): string {
  const candidate = nearest(word, candidates);
  return candidate === undefined ? "" : `Did you mean ${show(candidate)}?`;
}

/**
 * Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours each count 1.
 * E. Ukkonen, "Algorithms for approximate string matching", Information and Control 64 (1985).
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, substitution);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, beforeLast[j - 2]! + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
