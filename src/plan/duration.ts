/** Durations as flags and profiles write them. */

import { parseDurationUs } from "../units.ts";
import { demand, impossible } from "./impossible.ts";

/**
 * Microseconds of a flag's duration.
 *
 * @throws MeshLoadError PLAN_IMPOSSIBLE, naming the flag
 */
export function durationUs(flag: string, text: string): number {
  const us = parseDurationUs(text);
  if (us !== undefined) return us;
  const hint = /^\d+(\.\d+)?$/.test(text) ? `Write ${flag} ${text}s.` : "Write 250ms, 5s or 1m30s.";
  throw impossible(`${flag} ${text} is no duration`, hint);
}

/** 596 h: Node's timers count milliseconds in 31 bits, and take what is longer for one. */
export const longestTimerUs = 596 * 3600e6;

/**
 * Microseconds of a duration that a timer waits for.
 *
 * @throws MeshLoadError PLAN_IMPOSSIBLE, naming the flag
 */
export function timerUs(flag: string, text: string): number {
  const us = durationUs(flag, text);
  demand(
    us <= longestTimerUs,
    `${flag} ${text} is longer than can be waited for`,
    `Use ${flag} 596h or less.`,
  );
  return us;
}
