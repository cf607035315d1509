/** The gates of `run`: said beforehand where they cannot be decided, and judged afterwards. */

import type { Gate } from "../compare/gate.ts";
import { tooFewRepetitions } from "../compare/repetitions.ts";
import { exitCodes, MeshLoadError } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import { hasSides } from "../plan/sides.ts";
import type { ResultSet } from "../result/result.ts";
import { gateExitCode } from "./gates.ts";
import type { Terminal } from "./terminal.ts";
import type { FlagValues } from "./values.ts";

const alpha = 0.05;

/**
 * @throws MeshLoadError GATE_INVALID for a relative gate where there are no two sides, for one on a group or a tail that the
 *   runs will not have, and for any beside a search
 */
export async function checkRunGates(gates: readonly Gate[] | undefined, plan: Plan): Promise<void> {
  if (gates === undefined) return;
  if (plan.search !== null)
    throw new MeshLoadError("GATE_INVALID", `-gate ${gates[0]!.text} and -find-max do not go together`, {
      hint: "Say what must hold with -slo: the highest rate fails whatever is above it.",
    });
  const relative = gates.find(({ kind }) => kind === "relative");
  if (relative !== undefined && !hasSides(plan))
    throw new MeshLoadError("GATE_INVALID", `-gate ${relative.text} needs a baseline`, {
      hint: "Add -ab, or run first and compare then: mesh-load compare BASELINE CANDIDATE.",
    });
  // Loaded late: what groups runs knows of histograms.
  const { checkGroups } = await import("../compare/gate-scope.ts");
  const { plannedGroups } = await import("../compare/groups.ts");
  checkGroups(gates, plannedGroups(plan), plan.tailQuantile);
}

/** What the repetitions cannot tell, before they are made; `null` where they can, or nobody could mean to compare. */
export function repetitionsNote(gates: readonly Gate[] | undefined, plan: Plan): string | null {
  const { repetitions } = plan;
  if (plan.search !== null) return null;
  if (hasSides(plan)) {
    const tests = testsOf(gates, plan);
    return tests === 0 ? null : tooFewRepetitions({ repetitions, design: "paired", tests, alpha });
  }
  if (repetitions === 1) return null;
  const problem = tooFewRepetitions({ repetitions, design: "unpaired", tests: 1, alpha });
  return problem === null ? null : `To be compared with another result, ${problem}`;
}

/** Relative gates, each in every mode that it is for. Without any, the tail of the modes that are no matter of luck. */
function testsOf(gates: readonly Gate[] | undefined, { targets, load }: Plan): number {
  const modes = [...new Set(targets.map(({ mode }) => mode))];
  const steady = modes.filter((mode) => mode === "exact_balance" || mode === null || !load.keepalive);
  if (gates === undefined) return steady.length === 0 ? modes.length : steady.length;
  return gates
    .filter(({ kind }) => kind === "relative")
    .reduce((sum, { group }) => sum + (group === null ? modes.length : 1), 0);
}

/**
 * Judges the set's gates, prints what they say where stdout is free, and gives the exit code. Sides are compared, also
 * without a gate; one lab or URL is checked against absolute gates.
 */
export async function judgeRun(
  set: ResultSet,
  {
    gates,
    values,
    terminal,
  }: { gates: readonly Gate[] | undefined; values: FlagValues; terminal: Terminal | null },
): Promise<number> {
  const { renderCheck, renderComparison } = await import("../output/comparison-table.ts");
  if (hasSides(set.plan)) {
    const { compare } = await import("../compare/compare.ts");
    const comparison = compare({ sides: [set] }, gates === undefined ? {} : { gates });
    await terminal?.print(`\n${renderComparison(comparison, terminal)}`);
    return gateExitCode(comparison.outcome, values);
  }
  if (gates === undefined) return exitCodes.done;
  const { check } = await import("../compare/check.ts");
  const result = check([set], gates);
  await terminal?.print(`\n${renderCheck(result, terminal)}`);
  return gateExitCode(result.outcome, values);
}
