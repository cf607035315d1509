/** One pass over a load's samples: histograms per group of connections, counts per connection and second, outcomes. */

import { Histogram } from "../histogram.ts";
import type { Counts } from "./coarse-samples.ts";
import { failureReasonOf, isErrorStatus, outcomeCount, outcomeOf } from "./load.ts";
import type { Samples } from "./load.ts";
import { withCoarse } from "./tally-coarse.ts";

/** What the requests of one group (a worker, or the connections of none) did. */
export interface GroupTally {
  readonly latency: Histogram;
  readonly latencyWithoutLag: Histogram;
  readonly serviceTime: Histogram;
  requests: number;
  failures: number;
}

export interface Tally {
  readonly groups: readonly GroupTally[];
  readonly blocked: Histogram;
  readonly lag: Histogram;
  readonly failureLatency: Histogram;
  /** Requests by outcome (`load.ts`). */
  readonly outcomes: ReadonlyMap<number, number>;
  readonly censored: { count: number; youngestUs: number; oldestUs: number };
  readonly blockedSumUs: number;
  readonly lagSumUs: number;
  /** The latest response, from the start of the load; early by up to a second, for samples know only their second. */
  readonly lastResponseUs: number;
  /** Requests acted on only after `frameUs`: the backlog of a load that was behind, and how many of it were answered. */
  readonly late: { all: number; answered: number };
}

/**
 * Tallies samples. `groupOf` gives the group of each connection row; a sample without connection, or of a row that it
 * does not know, belongs to the last of `groups`. `frameUs` is the time, from the start of the load, that its schedule
 * was meant to take.
 */
export function tallySamples(
  samples: Samples,
  { groupOf, groups, frameUs }: { groupOf: Uint32Array; groups: number; frameUs: number },
): Tally {
  const tallies = Array.from({ length: groups }, createGroup);
  // Of requests that were neither blocked nor late, all three times are one: it is recorded once.
  const prompt = Array.from({ length: groups }, () => new Histogram());
  const [blocked, lag, failureLatency] = [new Histogram(), new Histogram(), new Histogram()];
  const outcomes = new Uint32Array(outcomeCount);
  const censored = { count: 0, youngestUs: 0, oldestUs: 0 };
  const neverSent = outcomeOf("never-sent");
  let blockedSumUs = 0;
  let lagSumUs = 0;
  let lastResponseUs = 0;
  const late = { all: 0, answered: 0 };

  for (let i = 0; i < samples.count; i++) {
    const latencyUs = samples.latencyUs[i]!;
    const blockedUs = samples.blockedUs[i]!;
    const lagUs = Math.max(0, samples.lagUs[i]!);
    const outcome = samples.outcome[i]!;
    const sent = outcome !== neverSent;
    const groupAt = groupOf[samples.connection[i]!] ?? groups - 1;
    const group = tallies[groupAt]!;

    if (sent && lagUs === 0 && blockedUs === 0) prompt[groupAt]!.record(latencyUs);
    else {
      group.latency.record(latencyUs);
      // Columns are 32-bit floats: a difference of nearly equal ones may come out a hair below zero.
      group.latencyWithoutLag.record(Math.max(0, latencyUs - lagUs));
      // The driver never acted on what it never sent: there is no service time to speak of.
      if (sent) group.serviceTime.record(Math.max(0, latencyUs - blockedUs - lagUs));
    }
    if (blockedUs > 0) blocked.record(blockedUs);
    if (lagUs > 0) lag.record(lagUs);
    blockedSumUs += blockedUs;
    lagSumUs += lagUs;
    outcomes[outcome]!++;

    const complete = failureReasonOf(outcome) === undefined;
    const lateShare = sent ? shareAfter(frameUs, samples.second[i]! * 1e6, blockedUs + lagUs) : 0;
    late.all += lateShare;
    if (complete) {
      late.answered += lateShare;
      group.requests++;
      lastResponseUs = Math.max(lastResponseUs, samples.second[i]! * 1e6 + latencyUs);
    } else {
      censored.youngestUs = censored.count === 0 ? latencyUs : Math.min(censored.youngestUs, latencyUs);
      censored.oldestUs = Math.max(censored.oldestUs, latencyUs);
      censored.count++;
    }
    if (!complete || isErrorStatus(outcome)) {
      group.failures++;
      failureLatency.record(latencyUs);
    }
  }
  tallies.forEach((group, i) => {
    for (const histogram of [group.latency, group.latencyWithoutLag, group.serviceTime])
      histogram.add(prompt[i]!);
  });
  for (const histogram of [blocked, lag]) histogram.record(0, samples.count - histogram.count);
  const tally: Tally = {
    groups: tallies,
    blocked,
    lag,
    failureLatency,
    outcomes: occurring(outcomes),
    censored,
    blockedSumUs,
    lagSumUs,
    lastResponseUs,
    late: { all: Math.round(late.all), answered: Math.round(late.answered) },
  };
  return samples.coarse === undefined ? tally : withCoarse(tally, samples.coarse, { groupOf, frameUs });
}

function occurring(counts: Uint32Array): Map<number, number> {
  return new Map([...counts.entries()].filter(([, count]) => count > 0));
}

/**
 * The chance that a request was acted on after `frameUs`: it was due somewhere in the second from `secondUs` on, and
 * acted on `delayUs` later. Intended starts are spread evenly over their second, or what of it lies in the frame, so
 * that over many requests the chances add up to the count.
 */
function shareAfter(frameUs: number, secondUs: number, delayUs: number): number {
  const spreadUs = Math.max(1, Math.min(1e6, frameUs - secondUs));
  return Math.min(1, Math.max(0, (secondUs + delayUs + spreadUs - frameUs) / spreadUs));
}

/** Counts complete responses and failures by a column; keys of `groups` and above are left out. */
export function countBy(samples: Samples, column: "connection" | "second", groups: number): Counts {
  const keys = samples[column];
  const requests = new Uint32Array(groups);
  const failures = new Uint32Array(groups);
  for (let i = 0; i < samples.count; i++) {
    const key = keys[i]!;
    if (key >= groups) continue;
    const outcome = samples.outcome[i]!;
    const complete = failureReasonOf(outcome) === undefined;
    if (complete) requests[key]!++;
    if (!complete || isErrorStatus(outcome)) failures[key]!++;
  }
  const coarse = samples.coarse?.[column];
  coarse?.requests.subarray(0, groups).forEach((count, key) => (requests[key]! += count));
  coarse?.failures.subarray(0, groups).forEach((count, key) => (failures[key]! += count));
  return { requests, failures };
}

/** All of `histograms` in one. */
export function sumOf(histograms: readonly Histogram[]): Histogram {
  const sum = new Histogram();
  for (const histogram of histograms) sum.add(histogram);
  return sum;
}

function createGroup(): GroupTally {
  return {
    latency: new Histogram(),
    latencyWithoutLag: new Histogram(),
    serviceTime: new Histogram(),
    requests: 0,
    failures: 0,
  };
}
