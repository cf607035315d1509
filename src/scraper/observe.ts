/** What was discovered before a load and watched during it → the observation. Pure. */

import type { Mode } from "../plan/mode.ts";
import type { Observation, ObservedWorker } from "../result/observation.ts";
import { createWarning } from "../result/warnings.ts";
import type { Warning } from "../result/warnings.ts";
import type { Discovery } from "./discover.ts";
import { delayBetween } from "./dispatcher.ts";
import { gapWarning, modeWarning, restartWarning, unseenWarnings } from "./doubts.ts";
import { noiseWarning } from "./machine.ts";
import { cpuPercentBetween, shareBetween } from "./moment.ts";
import { placedEvenly, reviseProof } from "./proof.ts";
import { timesBetween } from "./request-times.ts";
import type { TimeStats } from "./request-times.ts";
import { countedBetween } from "./stats.ts";
import type { ListenerCounts } from "./stats.ts";
import type { Watched } from "./watch.ts";

export interface ObserveInput {
  /** The mode that the load was meant for. */
  readonly asked: Mode | null;
  readonly found: Discovery;
  /** The counters before any connection of ours. */
  readonly before: ListenerCounts;
  /** The stats that tell how long requests took; `null` where nobody asked. */
  readonly times: TimeStats | null;
  readonly watched: Watched;
  readonly intervalMs: number;
}

/** Joins the two. */
export function observe(input: ObserveInput): Observation {
  const { found, before, watched } = input;
  const last = watched.answers.at(-1);
  // What an admin said before it fell silent is not what was counted by the end.
  const after = last !== undefined && last.atUs >= watched.ended.machine.atUs ? last.counts : null;
  const restart = findRestart(before, watched);
  const evenly = restart === null ? watchPlacement(before, watched) : null;
  const proof = reviseProof(found.proof, evenly);
  const misplaced = proof.configured === "exact_balance" && evenly === false;
  const counted = (pick: (counts: ListenerCounts) => number | null): number | null =>
    restart !== null || after === null ? null : countedBetween(pick(before), pick(after));
  const requests = counted((counts) => counts.requests);
  return {
    envoy:
      found.server === null ? null : { version: found.server.version, concurrency: found.server.concurrency },
    proof,
    workers: workerIds(input).map((id) => observedWorker(id, input, counted)),
    seconds: watched.seconds,
    counted: {
      connections: counted(({ connections }) => connections),
      requests,
    },
    times: input.times === null ? null : timesBetween(input.times, watched.flushed, requests),
    warnings: [
      ...unseenWarnings(obstaclesOf(input)),
      hiddenWarning(input),
      modeWarning(input.asked, proof, misplaced),
      restart,
      gapOf(input),
      noiseWarning(shareBetween(watched.begun, watched.ended), watched.shares),
    ].filter((warning) => warning !== null),
  };
}

function workerIds({ found, before, watched }: ObserveInput): number[] {
  const ids = new Set([...before.workers.keys(), ...(found.process?.workers.keys() ?? [])]);
  for (const { counts } of watched.answers) for (const id of counts.workers.keys()) ids.add(id);
  return [...ids].sort((a, b) => a - b);
}

function observedWorker(
  id: number,
  { found, watched: { begun, ended, flushed } }: ObserveInput,
  counted: (pick: (counts: ListenerCounts) => number | null) => number | null,
): ObservedWorker {
  const task = found.process?.isEnvoy === false ? found.process.workers.get(id) : undefined;
  return {
    id,
    ...(task === undefined ? {} : { name: task.name }),
    cpuPercent: cpuPercentBetween(begun, ended, id),
    connectionsOpened: counted(({ workers }) => workers.get(id)?.opened ?? null),
    dispatcher: flushed === null ? null : delayBetween(flushed.first, flushed.last, id),
  };
}

function findRestart(before: ListenerCounts, { answers }: Watched): Warning | null {
  let previous = before;
  for (const { counts } of answers) {
    const restart = restartWarning(previous, counts);
    if (restart !== null) return restart;
    previous = counts;
  }
  return null;
}

/** `placedEvenly` at the first moment at which two answers agree: one answer alone may fall into a burst. */
function watchPlacement(before: ListenerCounts, { answers }: Watched): boolean | null {
  for (const [i, { counts }] of answers.entries()) {
    const next = answers[i + 1]?.counts;
    if (next === undefined || !sameWorkers(counts, next)) continue;
    const evenly = placedEvenly(before, counts);
    if (evenly !== null) return evenly;
  }
  return null;
}

function sameWorkers(one: ListenerCounts, other: ListenerCounts): boolean {
  return [...one.workers].every(([id, { active, opened }]) => {
    const again = other.workers.get(id);
    return again !== undefined && again.active === active && again.opened === opened;
  });
}

/** Without these counts there is no unwinding, and no connections per second and worker. */
function hiddenWarning({ found: { listener, hidden }, before }: ObserveInput): Warning | null {
  if (listener === null || before.workers.size > 0) return null;
  const missing = `/stats has no \`listener.${listener.statName}.worker_N\``;
  return hidden === null
    ? createWarning("workers-unseen", missing, "Is this the listener that is driven (-listener)?")
    : createWarning("workers-unseen", `${missing}: ${hidden.cause}`, hidden.remedy);
}

function obstaclesOf({ found, watched }: ObserveInput): string[] {
  const { admin, process: seen, obstacles } = found;
  if (admin === null && seen === null && obstacles.length === 0)
    return ["Envoy's counts, the CPU of its workers and the listener's mode are out of sight"];
  const more: string[] = [];
  const gone = [...watched.begun.workerCpuUs.keys()].filter((id) => !watched.ended.workerCpuUs.has(id));
  if (seen !== null && gone.length > 0)
    more.push(
      seen.isEnvoy && watched.ended.workerCpuUs.size === 0
        ? `process ${seen.pid} (${seen.command}) ended during the load`
        : `of its workers, ${gone.map((id) => seen.workers.get(id)?.name).join(", ")} ended during the load`,
    );
  return [...obstacles, ...more];
}

function gapOf({ found, watched, intervalMs }: ObserveInput): Warning | null {
  if (found.admin === null || found.listener === null) return null;
  return gapWarning({
    beganAtUs: watched.begun.machine.atUs,
    endedAtUs: watched.ended.machine.atUs,
    answeredAtUs: watched.answers.map(({ atUs }) => atUs),
    intervalUs: intervalMs * 1e3,
    lastError: watched.lastError,
  });
}
