/** The doubts of a result set, each once, with how many runs raised it and what to do. */

import type { ResultSet } from "../result/result.ts";
import type { Warning } from "../result/warnings.ts";
import type { Look } from "./style.ts";
import { wrap } from "./wrap.ts";

/** Doubts of the set as a whole first, then those of runs, by how many runs have them. */
export function warningLines({ runs, attribution }: ResultSet, look: Look): string[] {
  const found = new Map<string, { warning: Warning; runs: Set<number> }>();
  for (const run of runs)
    for (const warning of run.warnings) {
      const known = found.get(warning.code) ?? { warning, runs: new Set() };
      found.set(warning.code, { ...known, runs: known.runs.add(run.order) });
    }
  const ofRuns = [...found.values()].sort((a, b) => b.runs.size - a.runs.size);
  return [
    ...(attribution?.warnings ?? []).flatMap((warning) => lines(warning, "", look)),
    ...ofRuns.flatMap(({ warning, runs: own }) => {
      const where = runs.length === 1 ? "" : ` (in ${own.size} of ${runs.length} runs)`;
      return lines(warning, where, look);
    }),
  ];
}

function lines({ code, message, hint }: Warning, where: string, { style, width }: Look): string[] {
  const [first, ...rest] = wrap(`! ${code}${where}: ${message}`, width);
  return [style.doubt(first!), ...rest, ...wrap(hint, width, { first: "  " }).map(style.dim)];
}
