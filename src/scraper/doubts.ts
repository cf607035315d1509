/** What the scraper doubts after a load, in warnings. Pure. */

import { modeTitle } from "../plan/mode.ts";
import type { Mode } from "../plan/mode.ts";
import type { ModeProof } from "../result/result.ts";
import { createWarning } from "../result/warnings.ts";
import type { Warning } from "../result/warnings.ts";
import { formatMicros } from "../units.ts";
import { wentBackwards } from "./stats.ts";
import type { ListenerCounts } from "./stats.ts";

/** Scrapes this much further apart than asked for leave a hole in the series. */
const holeFactor = 2;

/** `scrape-gap`, where the admin was silent for longer than two intervals; times on the monotonic clock. */
export function gapWarning({
  beganAtUs,
  endedAtUs,
  answeredAtUs,
  intervalUs,
  lastError,
}: {
  readonly beganAtUs: number;
  readonly endedAtUs: number;
  /** Ascending. */
  readonly answeredAtUs: readonly number[];
  readonly intervalUs: number;
  readonly lastError: string | null;
}): Warning | null {
  const marks = [beganAtUs, ...answeredAtUs, endedAtUs];
  const holes = marks
    .slice(1)
    .map((atUs, i) => ({ fromUs: marks[i]!, lengthUs: atUs - marks[i]! }))
    .filter(({ lengthUs }) => lengthUs > holeFactor * intervalUs);
  const longest = holes.toSorted((a, b) => b.lengthUs - a.lengthUs)[0];
  if (longest === undefined) return null;
  const others = holes.length === 1 ? "" : `, the longest of ${holes.length} gaps`;
  const second = Math.floor((longest.fromUs - beganAtUs) / 1e6);
  const why = lastError === null ? "" : `: ${lastError}`;
  return createWarning(
    "scrape-gap",
    `No /stats for ${formatMicros(longest.lengthUs)} from second ${second}${others}${why}`,
  );
}

/**
 * `mode-not-in-effect`, where what was asked for, what is configured and what is in effect are not the same.
 * `misplaced`: connections were seen to be placed otherwise than the configured mode places them.
 */
export function modeWarning(
  asked: Mode | null,
  { configured, inEffect, reason }: ModeProof,
  misplaced = false,
): Warning | null {
  const warn = (message: string): Warning => createWarning("mode-not-in-effect", `${message} (${reason})`);
  if (asked !== null && configured !== null && asked !== configured)
    return warn(
      `${modeTitle[asked]} is asked for, but the listener is configured as ${modeTitle[configured]}`,
    );
  const expected = configured ?? asked;
  if (expected === null) return null;
  const claim = `${modeTitle[expected]} is ${configured === null ? "asked for" : "configured"}`;
  if (inEffect !== null && inEffect !== expected)
    return warn(`${claim}, but ${modeTitle[inEffect]} is in effect`);
  return misplaced ? warn(`${claim}, and not in effect`) : null;
}

/** `scrape-gap` in words of its own, where Envoy is no more the process that it was one reading before. */
export function restartWarning(before: ListenerCounts, after: ListenerCounts): Warning | null {
  const hint = "Do not trust the counts and the CPU per worker of this run; repeat it.";
  if (wentBackwards(before, after))
    return createWarning(
      "scrape-gap",
      "Envoy's counters went backwards: it was restarted meanwhile, or its counters were reset",
      hint,
    );
  const [was, is] = [before, after].map(({ workers }) => [...workers.keys()].join(", "));
  if (was === is) return null;
  return createWarning(
    "scrape-gap",
    `Envoy's workers changed from ${was || "none"} to ${is || "none"} meanwhile`,
    hint,
  );
}

/** `workers-unseen` for each thing that kept workers, sockets or CPU out of sight. */
export function unseenWarnings(obstacles: readonly string[]): Warning[] {
  return obstacles.map((obstacle) => createWarning("workers-unseen", capitalise(obstacle)));
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
