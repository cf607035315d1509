/** What was measured of the entrants of a job, and how they compare. */

import type { Column } from "./columns.ts";
import type { Quiet } from "./machine.ts";
import type { Measurement } from "./measurement.ts";
import type { Entrant } from "./peers/peers.ts";

/** What was measured of one entrant in one round. */
export interface Round {
  readonly run: Measurement;
  /** The run just before it that some columns subtract; `null` where the job has none, or it failed. */
  readonly baseline: Measurement | null;
}

/** Everything that was measured of one entrant. */
export interface Series {
  readonly entrant: Entrant;
  /** One a round, or `null` where that round failed. */
  readonly rounds: (Round | null)[];
  /** Why it takes no part, or what went wrong. */
  readonly remarks: Set<string>;
}

export interface RoundState extends Quiet {
  /** Share of CPU time the hypervisor took during the round. */
  readonly steal: number;
}

/** One a round. */
export function valuesOf({ rounds }: Series, column: Column): (number | null)[] {
  return rounds.map((round) => (round === null ? null : column.value(round.run, round)));
}

/** Ratios are taken round by round: what slows a round down slows both. */
export function ratiosOf(ours: Series, theirs: Series, column: Column): (number | null)[] {
  const others = valuesOf(theirs, column);
  return valuesOf(ours, column).map((value, round) => {
    const other = others[round] ?? null;
    return value === null || other === null ? null : value / other;
  });
}

export const isOurs = ({ entrant }: Series): boolean => entrant.peer.source.kind === "own";
