/** What became of each kind of request. */

import type { LoadPlan } from "../plan/plan.ts";
import { quantileOfBuckets } from "./coarse-samples.ts";
import { roundUs } from "./distribution.ts";
import type { Load } from "./load.ts";
import type { RequestKindResult } from "./result.ts";

export function requestKindResults(
  { requestKinds }: Pick<Load, "requestKinds">,
  { requests }: Pick<LoadPlan, "requests">,
): RequestKindResult[] {
  return requestKinds.map(({ count, failures, latency }, kind) => {
    const { name, weight } = requests[kind]!;
    const quantile = (share: number): number => roundUs(quantileOfBuckets(latency, share));
    return { name, weight, count, failures, p50Us: quantile(0.5), p99Us: quantile(0.99) };
  });
}
