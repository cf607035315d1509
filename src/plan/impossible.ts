/** What no plan can do. */

import { MeshLoadError } from "../errors.ts";

/** Throws PLAN_IMPOSSIBLE unless `possible`. `message` names the flag and its value, `hint` says what to do. */
export function demand(possible: boolean, message: string, hint: string): asserts possible {
  if (!possible) throw impossible(message, hint);
}

/** @example throw impossible("-n 5 is fewer than -c 8", "Use -c 5 or less.") */
export function impossible(message: string, hint: string): MeshLoadError {
  return new MeshLoadError("PLAN_IMPOSSIBLE", message, { hint });
}

/** A whole number within the bounds, both included. */
export function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
