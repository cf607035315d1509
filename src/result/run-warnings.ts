/** The doubts that the numbers of a run themselves raise, beside those that the scraper saw. */

import { failuresOf } from "./failures.ts";
import { hopWarnings } from "./hops.ts";
import { noConnection } from "./load.ts";
import { requestBounds } from "./request-bounds.ts";
import type { RunParts } from "./run-parts.ts";
import type { Run } from "./result.ts";
import type { Tally } from "./tally.ts";
import { samplesNeeded } from "./tail-samples.ts";
import { formatMicros, percentileName } from "../units.ts";
import { createWarning, rateReached } from "./warnings.ts";
import type { Stop } from "./stop.ts";
import type { Warning, WarningCode } from "./warnings.ts";

interface Evidence {
  readonly run: Omit<Run, "warnings">;
  readonly parts: RunParts;
  readonly tally: Tally;
  /** What the tail would lose without the driver's lag. */
  readonly lagInTailUs: number;
}

// A quiet machine holds lag p99 under 0.5 ms and coarse pacing under 1 ms. 5 ms is the order of a whole latency at a
// desk: no tail can be trusted on top of it.
const lagTooLateUs = 5e3;

// A tenth of the tail is within the spread of repeated runs; beneath 1 ms even more of a short tail is only the timer.
const lagShareOfTail = 0.1;
const lagNegligibleUs = 1e3;

/** A driver thread that hardly ever waits cannot keep time, and finds late what has come long ago. */
const threadSaturated = 0.9;

/** What says nothing of a run that has no figures to doubt. */
const ofFigures: ReadonlySet<WarningCode> = new Set(["samples-too-few", "noisy-machine"]);
const withoutFigures: ReadonlySet<Stop["code"] | undefined> = new Set(["initial-error", "no-answer"]);

/** All doubts about a run: the scraper's first, then those of the numbers. */
export function runWarnings(evidence: Evidence): Warning[] {
  const all = doubtsOf(evidence);
  return withoutFigures.has(evidence.run.stop?.code) ? all.filter(({ code }) => !ofFigures.has(code)) : all;
}

function doubtsOf(evidence: Evidence): Warning[] {
  return [
    ...evidence.parts.observation.warnings,
    ...openingDoubts(evidence),
    ...failureDoubts(evidence),
    ...scheduleDoubts(evidence),
    ...countDoubts(evidence),
    ...hopWarnings(evidence.run, evidence.parts),
    ...mappingDoubts(evidence),
    ...sampleDoubts(evidence),
  ];
}

/** Opened is what was asked for, or it is said what failed and why. */
function openingDoubts({ run }: Evidence): Warning[] {
  const reasons = Object.entries(run.openFailures);
  if (reasons.length === 0) return [];
  const failed = reasons.reduce((sum, [, count]) => sum + count, 0);
  const why = reasons.map(([reason, count]) => `${reason}: ${count}`).join("; ");
  return [
    createWarning(
      "connections-not-opened",
      `${failed} of ${run.requested.connections} connections could not be opened before the load: ${why}`,
    ),
  ];
}

function failureDoubts({ run, parts }: Evidence): Warning[] {
  const { unfinished = 0, "never-sent": neverSent = 0, ...failures } = run.failures;
  const warnings: Warning[] = [];
  const failed = failuresOf({ failures });
  if (failed > 0) {
    const reasons = Object.entries(failures).map(([reason, count]) => `${reason} ${count}`);
    const words = Object.keys(parts.load.tlsFailures).join("; ");
    warnings.push(
      createWarning(
        "failures",
        `${failed} of ${run.latency.count} requests failed: ${reasons.join(", ")}${words && ` (${words})`}`,
      ),
    );
  }
  if (unfinished + neverSent > 0) {
    const what =
      neverSent > 0
        ? `${unfinished} unanswered, ${neverSent} due and never sent`
        : `${unfinished} unanswered`;
    warnings.push(
      createWarning("unfinished", `At the end ${what}, up to ${formatMicros(run.censored.oldestUs)} old`),
    );
  }
  return warnings;
}

function scheduleDoubts(evidence: Evidence): Warning[] {
  const { run, parts, tally, lagInTailUs } = evidence;
  // As fast as it goes: there is no schedule to be late for.
  if (parts.plan.qps === 0) return [];
  const warnings: Warning[] = [];
  const lagP99Us = run.lag.percentilesUs["99"] ?? 0;
  const late =
    lagP99Us > lagTooLateUs ||
    (lagInTailUs > lagNegligibleUs && lagInTailUs > lagShareOfTail * run.tail.thresholdUs);
  const short = shortfall(evidence);
  // Slots are skipped because their connection is busy, which is the target's doing and shows in no request.
  const laggedMore = tally.lagSumUs > tally.blockedSumUs && run.skipped === 0;
  // Where responses wait for a busy thread, their connections seem blocked, and the target seems slow.
  const saturated = parts.load.busiestThread > threadSaturated;
  const own = laggedMore || saturated;
  if (short !== null && !own)
    warnings.push(createWarning("behind-schedule", `The target was too slow: ${short}`));
  if (late || (short !== null && own)) {
    const doubts = [`mesh-load itself was ${late ? "late" : "too slow"}: lag p99 ${formatMicros(lagP99Us)}`];
    if (saturated) doubts.push(`a thread busy ${Math.round(parts.load.busiestThread * 100)} % of the time`);
    if (short !== null && own) doubts.push(short);
    warnings.push(createWarning("driver-saturated", doubts.join(", ")));
  }
  return warnings;
}

/** In words, what is missing to the asked rate, or `null` where it was reached. A request that failed was still sent. */
function shortfall({ run, tally }: Evidence): string | null {
  const due = run.latency.count + run.skipped;
  const onTime = run.latency.count - tally.late.all - (run.failures["never-sent"] ?? 0);
  if (onTime >= rateReached * due) return null;
  return `only ${onTime} of the ${due} requests due could be sent in time`;
}

/** Envoy's counters against ours. */
function countDoubts({ run, parts: { load, observation } }: Evidence): Warning[] {
  const refused = load.connections.filter(({ connectTimeUs }) => connectTimeUs === null).length;
  const opened = load.connections.length - refused;
  return [
    ...compareCounts("connections", observation.counted.connections, [opened, opened + refused]),
    ...compareCounts("requests", observation.counted.requests, requestBounds(run, load)),
  ];
}

function compareCounts(
  what: string,
  counted: number | null,
  [least, most]: readonly [number, number],
): Warning[] {
  if (counted === null) return [];
  if (counted > most)
    return [
      createWarning("other-traffic", `Envoy counted ${counted - most} ${what} more than mesh-load's ${most}`),
    ];
  if (counted < least)
    return [createWarning("counts-differ", `Envoy counted ${counted} ${what}, mesh-load at least ${least}`)];
  return [];
}

function mappingDoubts({ run, parts }: Evidence): Warning[] {
  const { method, mapped, unmapped, checks } = run.mapping;
  const { reason } = parts.mapping;
  const warnings: Warning[] = [];
  if (method === "none" && mapped + unmapped > 0)
    warnings.push(
      createWarning("workers-unseen", `Which worker served a connection is not known: ${reason}`),
    );
  else if (unmapped > 0)
    warnings.push(
      createWarning(
        "workers-unseen",
        `The worker of ${unmapped} of ${mapped + unmapped} connections is not known: ${reason}`,
      ),
    );
  for (const check of checks.filter(({ disagreed }) => disagreed > 0))
    warnings.push(
      createWarning(
        "mapping-disagrees",
        `${check.method} and ${method} name different workers for ${check.disagreed} of ${check.compared} connections`,
      ),
    );
  const asked = run.requested.connections + run.retired;
  if (parts.plan.keepalive && run.socketsOpened > asked)
    warnings.push(
      createWarning(
        "connections-lost",
        `${run.socketsOpened} connections were opened where ${asked} were asked for`,
      ),
    );
  return warnings;
}

function sampleDoubts(evidence: Evidence): Warning[] {
  return [...coarseDoubts(evidence), ...tailDoubts(evidence)];
}

/** What lies above the cap of kept samples, and what of it belongs to no worker for that reason. */
function coarseDoubts({ run, parts: { load } }: Evidence): Warning[] {
  const { coarse } = load.samples;
  if (coarse === undefined) return [];
  const unseen = coarse.groups
    .filter(({ connection }) => connection === noConnection)
    .reduce((sum, { requests }) => sum + requests, 0);
  const without = unseen > 0 ? `, ${unseen} of them without their worker` : "";
  return [
    createWarning(
      "samples-coarse",
      `${coarse.count} of ${run.latency.count} requests were recorded in coarse histograms${without}`,
    ),
  ];
}

function tailDoubts({ run }: Evidence): Warning[] {
  const needed = samplesNeeded(run.tail.quantile);
  if (run.latency.count >= needed) return [];
  return [
    createWarning(
      "samples-too-few",
      `${percentileName(run.tail.quantile)} needs ${needed} requests to mean something, and there are ${run.latency.count}`,
    ),
  ];
}
