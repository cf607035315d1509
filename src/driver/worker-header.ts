/** The worker that a response header names: the number at its end, as in `wrk:worker_3`, or a PID. */

/** Beyond any number of workers and any PID (2^22, proc_sys_kernel(5)): such a number names none. */
export const workerLimit = 1e7;

/** −1 where it names none. */
export function workerIn(value: unknown): number {
  const digits = typeof value === "string" ? /\d+$/.exec(value)?.[0] : undefined;
  const worker = digits === undefined ? -1 : Number(digits);
  return worker < workerLimit ? worker : -1;
}
