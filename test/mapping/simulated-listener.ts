/** A listener in virtual time: connections on workers, counted with a delay, with a neighbour who comes and goes. */

export interface Neighbour {
  readonly atMs: number;
  readonly worker: number;
  readonly change: 1 | -1;
}

/** Milliseconds that one reading of the counts takes. */
const readingMs = 0.5;

export function simulateListener(options: {
  readonly workers: number;
  /** Worker of each connection of ours that is open at the start. */
  readonly ours?: readonly number[];
  /** Connections that other clients hold from the start, on each worker. */
  readonly others?: readonly number[];
  /** What other clients do meanwhile; a closing where they hold nothing does not happen. */
  readonly neighbours?: readonly Neighbour[];
  /** Until an opening or a closing of ours is counted. */
  readonly delayMs?: (id: number) => number;
}) {
  const { ours = [], neighbours = [], delayMs = () => 0 } = options;
  const others = Array.from({ length: options.workers }, (_, worker) => options.others?.[worker] ?? 0);
  const counted = [...others];
  const total = [...others];
  for (const worker of ours) {
    counted[worker]! += 1;
    total[worker]! += 1;
  }
  const events = neighbours.map(({ atMs, worker, change }) => ({ atMs, worker, change, foreign: true }));
  let nowMs = 0;

  const advance = (ms: number): void => {
    nowMs += ms;
    events.sort((a, b) => a.atMs - b.atMs);
    while (events[0] !== undefined && events[0].atMs <= nowMs) {
      const { worker, change, foreign } = events.shift()!;
      if (foreign && others[worker]! + change < 0) continue;
      if (foreign) others[worker]! += change;
      counted[worker]! += change;
      if (change > 0) total[worker]! += 1;
    }
  };
  const later = (id: number, worker: number, change: 1 | -1): void =>
    void events.push({ atMs: nowMs + delayMs(id), worker, change, foreign: false });
  const read = (counts: readonly number[]) => async (): Promise<Map<number, number>> => {
    advance(readingMs);
    return new Map(counts.entries());
  };
  return {
    readActive: read(counted),
    readTotal: read(total),
    wait: async (ms: number) => advance(ms),
    close: async (id: number) => later(id, ours[id]!, -1),
    /** Opens our connection `id` on `worker`. */
    openOn: (id: number, worker: number) => later(id, worker, 1),
  };
}
