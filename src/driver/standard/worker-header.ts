/** The worker that a response header names: the number at its end, as in `wrk:worker_3`. */

/** Beyond any number of workers: such a number is none. */
const workerLimit = 1e6;

/** −1 where it names none. */
export function workerIn(value: unknown): number {
  const digits = typeof value === "string" ? /\d+$/.exec(value)?.[0] : undefined;
  const worker = digits === undefined ? -1 : Number(digits);
  return worker < workerLimit ? worker : -1;
}
