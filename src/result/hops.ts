/** What a run tells of each proxy of a chain: client → hop 1 → hop 2 → … → server. Pure. */

import type { Observation } from "./observation.ts";
import type { DispatcherDelay, ModeProof, Run, WorkerResult } from "./result.ts";
import { requestBounds } from "./request-bounds.ts";
import type { RunParts } from "./run-parts.ts";
import { createWarning } from "./warnings.ts";
import type { Warning } from "./warnings.ts";

export interface HopResult {
  /** 1 is the nearest to the client. */
  readonly hop: number;
  /** Version text of its Envoy, where it has an admin. */
  readonly envoy: string | null;
  readonly proof: ModeProof;
  /** Requests and connections that its listener counted from before the load to its end. */
  readonly counted: Observation["counted"];
  /** `null` in files that earlier versions wrote. */
  readonly times: RequestTimes | null;
  readonly workers: readonly HopWorker[];
  /** What connects it to the hop before it; `null` for the first. */
  readonly links: Links | null;
}

/**
 * How long requests took at a hop by its own clock, between two flushes of its histograms within the load: from the
 * request's first octet to its end (`downstream`), and from the end of the request to that of the response of whatever is
 * behind it (`upstream`). Ascending; `null` where it is not known.
 */
export interface RequestTimes {
  readonly downstream: readonly MillisBin[] | null;
  readonly upstream: readonly MillisBin[] | null;
  /** In words, why either is missing; empty where none is. */
  readonly reason: string;
}

/** Requests that took from `fromMs` to under `toMs`: Envoy counts whole milliseconds, from 100 on tens of them. */
export interface MillisBin {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

export interface HopWorker {
  readonly id: number;
  readonly name?: string;
  /**
   * Of hop 1 as the run's worker has them. Behind it, those from the hop before at the end of the load, or, where they
   * cannot be mapped, all that the listener held at the last scrape.
   */
  readonly connections: number | null;
  readonly cpuPercent: number | null;
  readonly dispatcher: DispatcherDelay | null;
}

/** The connections from one hop to the next, as they stood at the end of the load. */
export interface Links {
  /** Those whose workers are known at both ends. */
  readonly mapped: number;
  /** From the hop before, and a worker at either end not known. */
  readonly unmapped: number;
  /** On the same listener, from others than the hop before. */
  readonly elsewhere: number;
  /** Of the mapped, those that were open before the load. */
  readonly before: number;
  /** How many connect worker `from` of the hop before to worker `to` of this one; pairs without any are left out. */
  readonly matrix: readonly { readonly from: number; readonly to: number; readonly connections: number }[];
  /** In words, why some or all are missing; empty where none is. */
  readonly reason: string;
}

/** Every hop, the first included; none where only one proxy is watched. */
export function hopResults(
  { observation, behind }: RunParts,
  workers: readonly WorkerResult[],
): readonly HopResult[] {
  if (behind.length === 0) return [];
  const first = { ...hopResult(1, observation), workers: workers.map(firstWorker), links: null };
  return [
    first,
    ...behind.map(({ observation: own, links }, i) => ({
      ...hopResult(i + 2, own),
      workers: workersBehind(own, links),
      links,
    })),
  ];
}

function hopResult(
  hop: number,
  { envoy, proof, counted, times }: Observation,
): Omit<HopResult, "workers" | "links"> {
  return { hop, envoy: envoy?.version ?? null, proof, counted, times };
}

function firstWorker({ id, name, connections, cpuPercent, dispatcher }: WorkerResult): HopWorker {
  return { id, ...(name === undefined ? {} : { name }), connections, cpuPercent, dispatcher };
}

function workersBehind({ workers, seconds }: Observation, { mapped, matrix }: Links): HopWorker[] {
  const scraped = seconds.at(-1)?.workers ?? [];
  return workers.map(({ id, name, cpuPercent, dispatcher }) => {
    const held = matrix.filter(({ to }) => to === id).reduce((sum, { connections }) => sum + connections, 0);
    const shown = scraped.find((one) => one.id === id)?.connections ?? null;
    const connections = mapped > 0 ? held : shown;
    return { id, ...(name === undefined ? {} : { name }), connections, cpuPercent, dispatcher };
  });
}

/** What to doubt about the proxies behind the first. The machine is the same: hop 1 tells of its noise. */
export function hopWarnings(
  run: Pick<Run, "actual" | "latency" | "failures">,
  { behind, load }: RunParts,
): Warning[] {
  return behind.flatMap(({ observation, links }, i) => {
    const hop = i + 2;
    const seen = observation.counted.requests;
    const [least, most] = requestBounds(run, load);
    const warnings = observation.warnings
      .filter(({ code }) => code !== "noisy-machine")
      .map(({ code, message, hint }) => ({ code, message: `Hop ${hop}: ${message}`, hint }));
    if (seen === 0 || (seen === null && isUnlinked(links, observation)))
      return [
        ...warnings,
        createWarning("hop-without-traffic", `Hop ${hop}: no trace of the requests was seen there`),
      ];
    if (seen !== null && seen > most)
      warnings.push(
        createWarning(
          "other-traffic",
          `Hop ${hop} counted ${seen - most} requests more than the ${most} sent`,
        ),
      );
    if (seen !== null && seen < least)
      warnings.push(
        createWarning("counts-differ", `Hop ${hop} counted ${seen} requests, of ${least} that were answered`),
      );
    if (links.reason !== "")
      warnings.push(
        createWarning(
          "workers-unseen",
          `Hop ${hop}: which workers its connections from hop ${hop - 1} join is not known of all: ${links.reason}`,
          "Both processes must be on this machine, and may be looked into by their own user or root (-pid for each).",
        ),
      );
    return warnings;
  });
}

/** No connection from the hop before, though they could be seen, or its Envoy has no listener for them. */
function isUnlinked({ mapped, unmapped, reason }: Links, { envoy, proof }: Observation): boolean {
  return mapped + unmapped === 0 && (reason === "" || (envoy !== null && proof.listener === null));
}
