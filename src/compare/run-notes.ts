/** What the runs themselves warned of, as far as it touches a comparison. */

import type { GroupPair } from "./sides.ts";

/** Doubts that can make a difference where there is none, or hide one. */
const telling = new Set([
  "driver-saturated",
  "behind-schedule",
  "mode-not-in-effect",
  "other-traffic",
  "noisy-machine",
  "connections-lost",
]);

/** `noisy-machine in 5 of 21 runs of the baseline` */
export function runNotes(pairs: readonly GroupPair[]): string[] {
  const notes: string[] = [];
  for (const role of ["baseline", "candidate"] as const) {
    const runs = [...new Set(pairs.flatMap((pair) => pair[role].map(({ run }) => run)))];
    const counts = new Map<string, number>();
    for (const { warnings } of runs)
      for (const code of new Set(warnings.map((warning) => warning.code as string)))
        if (telling.has(code)) counts.set(code, (counts.get(code) ?? 0) + 1);
    for (const [code, count] of counts)
      notes.push(`${code} in ${count} of ${runs.length} runs of the ${role}.`);
  }
  return notes;
}
