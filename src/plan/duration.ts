/** Durations as flags and profiles write them. */

import { parseDurationUs } from "../units.ts";
import { impossible } from "./impossible.ts";

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
