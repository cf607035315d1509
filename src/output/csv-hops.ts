/** Rows of CSV for the proxies of a chain: how long requests took at each, and the workers of those behind the first. */

import type { HopPart, HopTail } from "../result/attribution.ts";
import type { HopResult, HopWorker } from "../result/hops.ts";
import type { Run } from "../result/result.ts";
import type { Cell } from "./csv-text.ts";

export interface HopOfRow {
  readonly hop: HopResult;
  /** `null` in the row of the whole hop. */
  readonly worker: HopWorker | null;
  /** In the row of the whole hop, what the tail is at it. */
  readonly downstream: HopPart | undefined;
  readonly upstream: HopPart | undefined;
}

/** The cells that such a row has of its own; those that say which run it is of are as in other rows. */
export const hopCells: Readonly<Record<string, (row: HopOfRow) => Cell>> = {
  hop: ({ hop }) => hop.hop,
  mode_in_effect: ({ hop }) => hop.proof.inEffect,
  scope: ({ worker }) => (worker === null ? "hop" : "worker"),
  worker: ({ worker }) => worker?.id,
  connections: ({ worker }) => worker?.connections,
  requests: ({ downstream }) => downstream?.requests,
  cpu_percent: ({ worker }) => worker?.cpuPercent,
  downstream_tail_lo_us: ({ downstream }) => downstream?.tailUs[0],
  downstream_tail_hi_us: ({ downstream }) => downstream?.tailUs[1],
  upstream_tail_lo_us: ({ upstream }) => upstream?.tailUs[0],
  upstream_tail_hi_us: ({ upstream }) => upstream?.tailUs[1],
};

/** A row for each hop of which times are known, and one for each worker behind the first, whose workers have their own. */
export function hopRows({ hops }: Run, tail: HopTail | undefined): HopOfRow[] {
  return hops.flatMap((hop) => {
    const parts = (tail?.parts ?? []).filter((part) => part.hop === hop.hop);
    const of = (side: HopPart["side"]) => parts.find((part) => part.side === side);
    const whole = { hop, worker: null, downstream: of("downstream"), upstream: of("upstream") };
    const workers = hop.hop === 1 ? [] : hop.workers;
    return [
      ...(parts.length === 0 ? [] : [whole]),
      ...workers.map((worker) => ({ hop, worker, downstream: undefined, upstream: undefined })),
    ];
  });
}
