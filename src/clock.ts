/** The only source of time. Microseconds of CLOCK_MONOTONIC, the same number in every thread of the machine. */

/** Now, in microseconds since an origin that all threads of a process share. */
export type Clock = () => number;

// performance.now() counts from this thread's own start, hrtime from boot: both read CLOCK_MONOTONIC, so one offset, taken
// between two readings, joins the threads' clocks. The closest of some are 0.1 µs apart; the first, whose code is cold,
// 10 µs, and a thread that is suspended between them, milliseconds.
function offsetUs(): number {
  let closest = Infinity;
  let offset = 0;
  for (let round = 0; round < 20; round++) {
    const before = performance.now();
    const bootUs = Number(process.hrtime.bigint()) / 1e3;
    const after = performance.now();
    if (after - before >= closest) continue;
    closest = after - before;
    offset = bootUs - ((before + after) / 2) * 1e3;
  }
  return offset;
}

const offset = offsetUs();

/** Reads the monotonic clock without allocating (about 50 ns). */
export const monotonicUs: Clock = () => performance.now() * 1e3 + offset;

/** What to add to `monotonicUs` for microseconds since 1970. */
export const epochOffsetUs = (): number => performance.timeOrigin * 1e3 - offset;

/** Begins to watch this thread; the function returned tells which share of the time since it was not waiting for events. */
export function watchThread(): () => number {
  const before = performance.eventLoopUtilization();
  return () => performance.eventLoopUtilization(before).utilization;
}

/** The date, for file names and `startedAt`. */
export const wallClock = (): Date => new Date();
