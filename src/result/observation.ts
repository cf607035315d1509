/** What the scraper hands over after a load: what the proxy and the machine said meanwhile. */

import type { Links, RequestTimes } from "./hops.ts";
import type { DispatcherDelay, ModeProof } from "./result.ts";
import type { Warning } from "./warnings.ts";

export interface Observation {
  readonly envoy: { readonly version: string; readonly concurrency: number | null } | null;
  readonly proof: ModeProof;
  /** Ascending ids of the workers that were seen, by the admin or by procfs. */
  readonly workers: readonly ObservedWorker[];
  readonly seconds: readonly ObservedSecond[];
  /** What the listener counted between the start of the scraper and its stop; `null` where not readable. */
  readonly counted: { readonly connections: number | null; readonly requests: number | null };
  /** How long requests took at the proxy, by its own clock; `null` where it was not asked. */
  readonly times: RequestTimes | null;
  readonly warnings: readonly Warning[];
}

/** A proxy behind the first. */
export interface ObservedHop {
  readonly observation: Observation;
  readonly links: Links;
}

export interface ObservedWorker {
  readonly id: number;
  /** As its server's system calls it, where that says more than its number: `nginx 4711`. */
  readonly name?: string;
  /** Of one core, over the load. */
  readonly cpuPercent: number | null;
  readonly connectionsOpened: number | null;
  readonly dispatcher: DispatcherDelay | null;
}

/** One scrape, about a second after the one before. */
export interface ObservedSecond {
  /** On the monotonic clock. */
  readonly atUs: number;
  readonly workers: readonly {
    readonly id: number;
    readonly connections: number | null;
    readonly cpuPercent: number | null;
  }[];
  readonly steal: number | null;
  readonly cpuPressure: number | null;
}
