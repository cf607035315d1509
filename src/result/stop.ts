/** Why a load ended otherwise than planned. */

export const stopCodes = ["interrupted", "abort-on", "initial-error", "thread-died", "no-answer"] as const;

export interface Stop {
  /** To branch on. `no-answer`: it lasted as planned, and nothing was ever answered. */
  readonly code: (typeof stopCodes)[number];
  /** In words. */
  readonly message: string;
}

export type RunState = "completed" | "interrupted" | "failed";

/** What is left of a load with this stop: all of it, the part before somebody ended it, or what a failure left. */
export function stateOf(stop: Stop | null): RunState {
  if (stop === null) return "completed";
  return stop.code === "interrupted" ? "interrupted" : "failed";
}
