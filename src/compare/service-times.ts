/** Results of tools that time a request from when it was sent, such as Fortio: compared by what both sides have. */

import type { ResultSet, Run } from "../result/result.ts";
import type { ComparisonInput } from "./sides.ts";

/** What there is to compare, and a note where it is not latency. */
export interface Comparable {
  readonly input: ComparisonInput;
  readonly notes: readonly string[];
}

/**
 * The input as it is where every run has a latency. Where some has none but service times, the service times of all runs
 * stand in its place: a latency from the intended start must not be compared with them.
 */
export function withServiceTimes(input: ComparisonInput): Comparable {
  if (!("baseline" in input)) return { input, notes: [] };
  const { baseline, candidate } = input;
  if (![...baseline, ...candidate].some(({ runs }) => runs.some(hasServiceTimeOnly)))
    return { input, notes: [] };
  return {
    input: { baseline: baseline.map(byServiceTime), candidate: candidate.map(byServiceTime) },
    notes: [
      "Some results have no latency from the intended start: service times are compared, on both sides.",
    ],
  };
}

const hasServiceTimeOnly = ({ latency, serviceTime }: Run): boolean =>
  latency.count === 0 && serviceTime.count > 0;

function byServiceTime(set: ResultSet): ResultSet {
  return { ...set, runs: set.runs.map((run) => ({ ...run, latency: run.serviceTime })) };
}
