import fc from "fast-check";
import type { StagePlan } from "../../src/plan/plan.ts";

/** Any one to five stages, of whole seconds: steps, ramps, pauses. */
export function stagesOf({
  mostQps,
  mostSeconds,
}: {
  mostQps: number;
  mostSeconds: number;
}): fc.Arbitrary<StagePlan[]> {
  const rate = fc.oneof(fc.constant(0), fc.double({ min: 0.5, max: mostQps, noNaN: true }));
  const connections = fc.integer({ min: 1, max: 40 });
  const stage = fc
    .tuple(
      fc.integer({ min: 1, max: mostSeconds }),
      rate,
      rate,
      connections,
      connections,
      fc.boolean(),
      fc.boolean(),
    )
    .map(([seconds, fromQps, toQps, fromConnections, toConnections, steady, even]) => ({
      durationUs: seconds * 1e6,
      fromQps,
      toQps: steady ? fromQps : toQps,
      fromConnections,
      toConnections: even ? fromConnections : toConnections,
    }));
  return fc
    .array(stage, { minLength: 1, maxLength: 5 })
    .filter((stages) => stages.some(({ fromQps, toQps }) => fromQps + toQps > 4));
}
