/** Columns on memory that two threads share, and states in them that one of both waits for. */

export type SharedInts = Int32Array<SharedArrayBuffer>;
export type SharedFloats = Float64Array<SharedArrayBuffer>;

export const sharedInts = (rows: number): SharedInts => new Int32Array(new SharedArrayBuffer(rows * 4));
export const sharedFloats = (rows: number): SharedFloats => new Float64Array(new SharedArrayBuffer(rows * 8));

/** The state of a row once it is not, or no longer, `passing`, which the other side keeps for microseconds. Hot path: no allocation. */
export function settled(states: SharedInts, row: number, passing: number): number {
  for (let looks = 1; ; looks++) {
    const seen = Atomics.load(states, row);
    if (seen !== passing) return seen;
    // Whoever holds the other side up may need this very core.
    if (looks % 64 === 0) Atomics.wait(states, row, passing, 0.05);
  }
}
