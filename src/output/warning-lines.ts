/** The doubts of a result set, each once, with how many runs raised it and what to do. */

import type { ResultSet } from "../result/result.ts";
import type { Warning } from "../result/warnings.ts";
import type { Look } from "./style.ts";
import { wrap } from "./wrap.ts";

/** A doubt, and `(in 3 of 9 runs)` where that is worth telling. */
export interface FoundWarning {
  readonly warning: Warning;
  readonly where: string;
}

/** Doubts of the set as a whole first, then those of runs, by how many runs have them. */
export function warningsOf({ runs, attribution }: ResultSet): FoundWarning[] {
  const found = new Map<string, { warning: Warning; runs: Set<number> }>();
  for (const run of runs)
    for (const warning of run.warnings) {
      const known = found.get(warning.code) ?? { warning, runs: new Set() };
      found.set(warning.code, { ...known, runs: known.runs.add(run.order) });
    }
  const ofRuns = [...found.values()].sort((a, b) => b.runs.size - a.runs.size);
  return [
    ...(attribution?.warnings ?? []).map((warning) => ({ warning, where: "" })),
    ...ofRuns.map(({ warning, runs: own }) => ({
      warning,
      where: runs.length === 1 ? "" : ` (in ${own.size} of ${runs.length} runs)`,
    })),
  ];
}

/** The same as lines. */
export function warningLines(set: ResultSet, look: Look): string[] {
  return warningsOf(set).flatMap(({ warning, where }) => lines(warning, where, look));
}

function lines({ code, message, hint }: Warning, where: string, { style, width }: Look): string[] {
  const [first, ...rest] = wrap(`! ${code}${where}: ${message}`, width);
  return [style.doubt(first!), ...rest, ...wrap(hint, width, { first: "  " }).map(style.dim)];
}
