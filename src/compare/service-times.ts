/** Results of tools that time a request from when it was sent, such as Fortio: compared by what both sides have. */

import type { ResultSet, Run } from "../result/result.ts";
import type { ComparisonInput } from "./sides.ts";

/** What there is to compare, and a note where it is not latency. */
export interface Comparable {
  readonly input: ComparisonInput;
  readonly notes: readonly string[];
}

/** The input as it is where every run has a latency; else the service times of all runs. */
export function withServiceTimes(input: ComparisonInput): Comparable {
  if (!("baseline" in input)) return { input, notes: [] };
  const { baseline, candidate } = input;
  if (!someLackLatency([...baseline, ...candidate])) return { input, notes: [] };
  return {
    input: { baseline: baseline.map(byServiceTime), candidate: candidate.map(byServiceTime) },
    notes: [
      "Some results have no latency from the intended start: service times are compared, on both sides.",
    ],
  };
}

/** Whether some run of the sets has none but service times: a latency from the intended start must not be set beside them. */
export function someLackLatency(sets: readonly ResultSet[]): boolean {
  return sets.some(({ runs }) => runs.some(hasServiceTimeOnly));
}

const hasServiceTimeOnly = ({ latency, serviceTime }: Run): boolean =>
  latency.count === 0 && serviceTime.count > 0;

/** The set with the service times of its runs in the place of their latencies. */
export function byServiceTime(set: ResultSet): ResultSet {
  return { ...set, runs: set.runs.map((run) => ({ ...run, latency: run.serviceTime })) };
}
