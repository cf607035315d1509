/** What a chain's hops tell of load and tail, and no more: requests are known by worker at hop 1 alone (docs/METHOD.md §2). */

import type { HopAttribution, HopShares, RunAttribution } from "../result/attribution.ts";
import type { HopResult, Links } from "../result/hops.ts";
import type { Run } from "../result/result.ts";
import { formatShare } from "../units.ts";
import { tailByHop } from "./hop-tail.ts";
import { skewOf } from "./skew.ts";

/** Of each hop; nothing (not even the field) where no chain was watched. */
export function attributeHops(
  run: Run,
  perWorker: RunAttribution["perWorker"],
): Pick<RunAttribution, "hops" | "tailByHop"> {
  if (run.hops.length === 0) return {};
  return { hops: run.hops.map((hop) => attributeHop(hop, perWorker)), tailByHop: tailByHop(run) };
}

function attributeHop(hop: HopResult, first: RunAttribution["perWorker"]): HopAttribution {
  const connections = known(hop.workers.map((worker) => worker.connections));
  const cpu = known(hop.workers.map(({ cpuPercent }) => cpuPercent));
  const byChance = hop.proof.inEffect === "reuse_port";
  // Behind the second hop nothing is known of which request passed which worker before it.
  const isFed = hop.hop === 2 && hop.links !== null;
  const perWorker = hop.workers.map(({ id }, i): HopShares => {
    const through = (shareOf: (one: RunAttribution["perWorker"][number]) => number) =>
      isFed ? boundsOf(id, { links: hop.links!, first, shareOf }) : null;
    return {
      worker: id,
      connectionShare: shareAt(connections, i),
      cpuShare: shareAt(cpu, i),
      requestShare: through(({ requestShare }) => requestShare),
      tailShare: through(({ tailShare }) => tailShare),
    };
  });
  return {
    hop: hop.hop,
    connectionSkew: connections === null ? null : skewOf(connections, { byChance }),
    cpuSkew: cpu === null ? null : skewOf(cpu, { byChance: false }),
    perWorker,
    sentence: sentenceOf(hop, perWorker),
  };
}

/**
 * Least and most of what passed through `worker`: what comes from workers of hop 1 all of whose connections lead to it,
 * and from those of which any does. `null` where one that has a share has no connection left, which led who knows where.
 */
function boundsOf(
  worker: number,
  {
    links: { matrix, unmapped },
    first,
    shareOf,
  }: {
    readonly links: Links;
    readonly first: RunAttribution["perWorker"];
    readonly shareOf: (one: RunAttribution["perWorker"][number]) => number;
  },
): readonly [number, number] | null {
  if (first.length === 0 || unmapped > 0) return null;
  let [least, most] = [0, 0];
  for (const one of first) {
    const leading = matrix.filter(({ from }) => from === one.worker);
    if (leading.length === 0 && shareOf(one) > 0) return null;
    if (leading.some(({ to }) => to === worker)) most += shareOf(one);
    if (leading.length > 0 && leading.every(({ to }) => to === worker)) least += shareOf(one);
  }
  return [Math.min(1, least), Math.min(1, most)];
}

function sentenceOf({ hop, workers }: HopResult, shares: readonly HopShares[]): string {
  const busiest = shares.toSorted(
    (a, b) => (b.cpuShare ?? 0) - (a.cpuShare ?? 0) || (b.connectionShare ?? 0) - (a.connectionShare ?? 0),
  )[0];
  if (busiest === undefined) return `Hop ${hop}: none of its workers was seen.`;
  const { connections = null } = workers.find(({ id }) => id === busiest.worker) ?? {};
  const parts = [
    busiest.cpuShare === null ? null : `${formatShare(busiest.cpuShare)} of the CPU of its workers`,
    busiest.connectionShare === null
      ? null
      : `${connections} connections (${formatShare(busiest.connectionShare)})`,
    busiest.tailShare === null ? null : tailOf(busiest.tailShare),
  ].filter((part) => part !== null);
  const what = parts.length === 0 ? "is not known to differ from others" : `has ${parts.join(", ")}`;
  return `Hop ${hop}: worker_${busiest.worker} ${what}.`;
}

function tailOf([least, most]: readonly [number, number]): string {
  return least === most
    ? `and ${formatShare(most)} of the tail passed through it`
    : `and between ${formatShare(least)} and ${formatShare(most)} of the tail passed through it`;
}

function known(values: readonly (number | null)[]): number[] | null {
  const all = values.filter((value) => value !== null);
  return all.length === values.length && all.length > 0 ? all : null;
}

function shareAt(values: readonly number[] | null, index: number): number | null {
  const total = (values ?? []).reduce((sum, value) => sum + value, 0);
  return values === null || total === 0 ? null : values[index]! / total;
}
