/** What one run of one entrant gave. */

import type { Reported, Work } from "./peers/peer.ts";

export interface Measurement {
  readonly work: Work;
  /** As the server counted them. */
  readonly requests: number;
  readonly cpuS: number;
  readonly peakBytes: number;
  readonly reported: Reported;
  /** Arrivals' distance from the ideal grid; `null` where nobody stamped them. */
  readonly gridUs: Quantiles | null;
  /** How long the server held the requests: the truth of a delay. */
  readonly heldUs: Quantiles | null;
  /** The truth of a stall, or `null` where the server did not stall. */
  readonly stallP99Us: number | null;
}

export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}
