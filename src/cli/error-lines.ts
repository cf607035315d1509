/** Failing requests as they fail (`-log-errors`): a line a second at most, of how many failed by what. */

import type { ProgressEvent } from "../progress-event.ts";

/** What comes of ending a load is the report's to tell. */
const endings = new Set(["unfinished", "never-sent"]);

/** Told every event of an experiment; writes what has failed since the last line to `note`. */
export function createErrorLines(note: (line: string) => void): (event: ProgressEvent) => void {
  let told: ProgressEvent["failed"] = {};
  let toldAtS = -Infinity;
  return (event) => {
    const { kind, elapsedS, failed } = event;
    if (kind === "run-started") {
      told = {};
      toldAtS = -Infinity;
    }
    // A run that is over has no time to wait for.
    if (kind === "tick" && elapsedS - toldAtS < 1) return;
    const since = Object.entries(failed)
      .map(([what, count]) => [what, count - (told[what] ?? 0)] as const)
      .filter(([what, count]) => count > 0 && !endings.has(what));
    if (since.length === 0) return;
    note(`${nameOf(event)} failed: ${since.map(([what, count]) => `${what} × ${count}`).join(", ")}`);
    told = failed;
    toldAtS = elapsedS;
  };
}

function nameOf({ name, run, runs }: ProgressEvent): string {
  return runs === 1 ? name : `run ${run}/${runs} ${name}`;
}
