/** Absolute gates on result sets alone, without a baseline. Pure. */

import { MeshLoadError } from "../errors.ts";
import type { ResultSet } from "../result/result.ts";
import { comparisonVersion } from "./comparison.ts";
import type { Check } from "./comparison.ts";
import { absoluteResult, outcomeOf } from "./gate-result.ts";
import type { Gate } from "./gate.ts";
import { groupAllRuns } from "./groups.ts";
import { checkGroups, isFor } from "./gate-scope.ts";
import { describe, demandRuns } from "./sides.ts";

/**
 * Checks the sets' completed runs, those of all sets together. Of sets with two sides the candidate `b` is checked. A mode
 * without a completed run is undecided: it must not pass unseen.
 *
 * @throws MeshLoadError GATE_INVALID for a relative gate, or one on a mode that is not there; NOTHING_TO_COMPARE
 */
export function check(sets: readonly ResultSet[], gates: readonly Gate[]): Check {
  const relative = gates.find(({ kind }) => kind === "relative");
  if (relative !== undefined)
    throw new MeshLoadError("GATE_INVALID", `-gate ${relative.text} needs a baseline`, {
      hint: "Use mesh-load compare, or a gate without + and -, such as p99<=20ms.",
    });
  const judged = sets.map((set) => ({ ...set, runs: set.runs.filter(({ side }) => side !== "a") }));
  const candidate = describe(judged);
  demandRuns({ result: candidate });
  const groups = groupAllRuns(judged, sets[0]!.plan.tailQuantile);
  checkGroups(gates, groups, sets[0]!.plan.tailQuantile);
  const results = gates.flatMap((gate) =>
    groups.filter((group) => isFor(gate, group)).map((group) => absoluteResult(gate, group)),
  );
  const left = [
    ...(candidate.interrupted > 0 ? [`${candidate.interrupted} interrupted runs are left out.`] : []),
    ...(candidate.failed > 0 ? [`${candidate.failed} failed runs are left out.`] : []),
  ];
  return {
    comparisonVersion,
    of: "check",
    candidate,
    gates: results,
    outcome: outcomeOf(results),
    notes: left,
  };
}
