/** Connections per worker as the listener counts them, and what changed between two readings. */

/** Worker id → connections. */
export type Counts = ReadonlyMap<number, number>;

export type ReadCounts = () => Promise<Counts>;

export function sumOf(counts: Counts): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

/** The worker whose count changed by `change` while all others stand, or `null`. */
export function onlyChange(before: Counts, after: Counts, change: 1 | -1): number | null {
  let changed: number | null = null;
  for (const worker of new Set([...before.keys(), ...after.keys()])) {
    const difference = (after.get(worker) ?? 0) - (before.get(worker) ?? 0);
    if (difference === 0) continue;
    if (difference !== change || changed !== null) return null;
    changed = worker;
  }
  return changed;
}
