/** Which gates are for which groups, and whether each of them has one. */

import { MeshLoadError } from "../errors.ts";
import { didYouMean } from "../nearest.ts";
import type { Gate } from "./gate.ts";
import type { Named } from "./groups.ts";
import { standingMetrics } from "./metric.ts";

export const isFor = ({ group }: Gate, { group: name, title }: Named): boolean =>
  group === null || group === name || group === title;

/**
 * @throws MeshLoadError GATE_INVALID for a gate on a group that is not there, or on the balanced tail of another quantile
 *   than the results tell
 */
export function checkGroups(gates: readonly Gate[], groups: readonly Named[], tailQuantile: number): void {
  const balanced = standingMetrics(tailQuantile).find(({ name }) => name.startsWith("balanced"))!.name;
  for (const gate of gates) {
    if (!groups.some((group) => isFor(gate, group))) {
      const names = groups.map(({ group }) => group);
      throw new MeshLoadError("GATE_INVALID", `-gate ${gate.text}: nothing here is called "${gate.group}"`, {
        hint: didYouMean(gate.group!, names) || `There are ${names.join(", ")}.`,
      });
    }
    if (gate.metric.name.startsWith("balanced") && gate.metric.name !== balanced)
      throw new MeshLoadError(
        "GATE_INVALID",
        `-gate ${gate.text}: these results were attributed at another tail`,
        {
          hint: `There is ${balanced}; run with -tail for another.`,
        },
      );
  }
}
