/** Envoy's histograms of each worker's event loop (`enable_dispatcher_stats`) → its delays within a load. Pure. */

import type { DispatcherDelay } from "../result/result.ts";
import { binsBetween, countOf } from "./histograms.ts";
import type { Bin, Histograms } from "./histograms.ts";

/** The RE2 expression for the histograms; ask with `detailed`. */
export const dispatcherFilter =
  "^listener_manager\\.worker_\\d+\\.dispatcher\\.(poll_delay|loop_duration)_us$";

/** The delays of `worker` between two readings; `null` where no flush lies between or a count went backwards. */
export function delayBetween(before: Histograms, after: Histograms, worker: number): DispatcherDelay | null {
  const between = (stat: string): readonly Bin[] | null => {
    const name = `listener_manager.worker_${worker}.dispatcher.${stat}`;
    const [from, to] = [before.get(name), after.get(name)];
    return from === undefined || to === undefined ? null : binsBetween(from, to);
  };
  const poll = between("poll_delay_us");
  const loop = between("loop_duration_us");
  if (poll === null || loop === null) return null;
  return {
    pollDelayP50Us: quantile(poll, 0.5),
    pollDelayP99Us: quantile(poll, 0.99),
    loopDurationP50Us: quantile(loop, 0.5),
    loopDurationP99Us: quantile(loop, 0.99),
  };
}

// Linear within the bin, which is at most a tenth of its value wide.
function quantile(bins: readonly Bin[], q: number): number {
  const rank = q * countOf(bins);
  let below = 0;
  for (const { lower, width, count } of bins) {
    if (count > 0 && below + count >= rank) return lower + (width * (rank - below)) / count;
    below += count;
  }
  return Number.NaN; // unreachable: the ranks of all bins end at `countOf(bins)`
}
