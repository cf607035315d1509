/** How much of the tail is the skew: every value that is derived from the runs of a result set. Pure. */

import { modes } from "../plan/mode.ts";
import type { Mode } from "../plan/mode.ts";
import { seededRandom } from "../random.ts";
import type { Attribution, Carrier, ModeAttribution, RunAttribution } from "../result/attribution.ts";
import type { Run } from "../result/result.ts";
import { createWarning } from "../result/warnings.ts";
import type { Warning } from "../result/warnings.ts";
import { followedSkew, isAlike } from "./carrier.ts";
import type { Followed } from "./carrier.ts";
import { doseOf, withBusyShare } from "./dose.ts";
import { attributeHops } from "./hops.ts";
import type { RunDose } from "./dose.ts";
import { fitDoseResponse, heldUp, leastResampled } from "./dose-response.ts";
import type { Fit } from "./dose-response.ts";
import { median } from "../order-statistics.ts";
import { sentenceOf } from "./sentence.ts";
import { dispersionP, skewOf } from "./skew.ts";
import { splitGroup, splitRun } from "./split.ts";
import type { RunSplit } from "./split.ts";
import { tailRiskOf } from "./tail-risk.ts";
import { unevenWorkers } from "./uneven-workers.ts";
import { countWorkers } from "./worker-count.ts";

/** Everything known of one run. */
interface Examined {
  readonly run: Run;
  readonly group: string;
  readonly counts: readonly number[];
  readonly dose: RunDose | null;
  readonly split: RunSplit;
  readonly attribution: RunAttribution;
}

interface Context {
  readonly runs: readonly Run[];
  readonly workerCountOf: (run: Run) => number;
  readonly tailQuantile: number;
  readonly seed: number;
  readonly fit: Fit | null;
  readonly reason: string | null;
  readonly followed: Followed;
}

/**
 * Attributes the tail (`tailQuantile`, 0…1) of a set's runs. Failed runs and runs without a response are left out; a run
 * whose workers are not known keeps its tail and lag, with `null` for all that needs workers. Runs of stages are left out
 * too, with a warning: a tail over several rates is that of the highest, and no worker's load is one. The same runs and
 * seed give the same answer.
 */
export function attribute(
  runs: readonly Run[],
  { tailQuantile, seed }: { readonly tailQuantile: number; readonly seed: number },
): Attribution {
  const usable = runs.filter(
    ({ state, latency, stages }) => state !== "failed" && latency.count > 0 && stages.length === 0,
  );
  const workerCountOf = countWorkers(usable);
  const known = withBusyShare(
    usable
      .map((run) => doseOf(run, { group: groupOf(run), workerCount: workerCountOf(run), tailQuantile }))
      .filter((dose) => dose !== null),
  );
  const doses = new Map(known.map((dose) => [dose.order, dose]));
  const warnings = unevenWorkers(known, tailQuantile);
  const { summary, fit } = fitDoseResponse(known, { tailQuantile, seed, comparable: warnings.length === 0 });
  const followed =
    warnings.length > 0
      ? null
      : followedSkew(known, { tailQuantile, random: seededRandom(seed, "attribution: carrier") });
  const { reason } = summary;
  const context: Context = { runs: usable, workerCountOf, tailQuantile, seed, fit, reason, followed };
  const examined = usable.map((run) => examine(run, { dose: doses.get(run.order) ?? null, context }));
  const groups = Map.groupBy(examined, ({ group }) => group);
  return {
    tailQuantile,
    fit: summary,
    perRun: examined.map(({ attribution }) => attribution),
    perMode: [...groups.values()]
      .toSorted(([a], [b]) => placeOf(a!.run) - placeOf(b!.run))
      .map((members) => attributeGroup(members, { all: examined, context })),
    warnings: [...warnings, ...changingLoads(runs)],
  };
}

function changingLoads(runs: readonly Run[]): Warning[] {
  const changing = runs.filter(({ stages }) => stages.length > 0).length;
  if (changing === 0) return [];
  return [
    createWarning(
      "load-changes",
      `${changing} of ${runs.length} runs changed their rate or their connections: what skew does to their tail is not told`,
    ),
  ];
}

/** The modes in their usual order, whichever happened to run first; targets of unknown mode as they came. */
const placeOf = ({ mode }: Run): number => (mode === null ? modes.length : modes.indexOf(mode));

/** Runs that are one thing to the reader: the mode, or the host where it is unknown, with side and step if any. */
function groupOf({ mode, target, side, step }: Run): string {
  const host = URL.canParse(target.url) ? new URL(target.url).host : target.url;
  return [side, step, target.hop, mode ?? host].filter((part) => part !== "").join(" ");
}

function examine(run: Run, { dose, context }: { dose: RunDose | null; context: Context }): Examined {
  const { tailQuantile, seed, fit } = context;
  const group = groupOf(run);
  const split = splitRun(run, { dose, fit, tailQuantile });
  const idle = Array.from({ length: context.workerCountOf(run) - run.workers.length }, () => 0);
  const counts = [...run.workers.map(({ connections }) => connections), ...idle];
  const requests = [...run.workers.map(({ latencyWithoutLag }) => latencyWithoutLag.count), ...idle];
  const byChance = modeOf(run) === "reuse_port";
  const random = seededRandom(seed, `attribution: tail of run ${run.order}`);
  const risk = tailRiskOf(run, { tailUs: split.tailUs, random });
  return {
    run,
    group,
    counts,
    dose,
    split,
    attribution: {
      order: run.order,
      group,
      connectionSkew: skewOf(counts, { byChance }),
      requestSkew: skewOf(requests, { byChance: false }),
      ...risk,
      ...attributeHops(run, risk.perWorker),
      tailUs: split.tailUs,
      tailCensored: run.censored.count > 0 && split.tailUs >= run.censored.youngestUs,
      lagUs: split.lagUs,
      skewUs: split.skewUs,
      restUs: split.restUs,
      skewShare: split.skewShare,
      balancedTailUs: split.restUs,
      balancedTailOtherUs: split.otherRestUs,
    },
  };
}

/** What is proven counts; what was asked for where nothing is. */
const modeOf = ({ mode, proof }: Run): Mode | null => proof.inEffect ?? mode;

function attributeGroup(
  members: readonly Examined[],
  { all, context }: { all: readonly Examined[]; context: Context },
): ModeAttribution {
  const { tailQuantile, seed, fit, reason } = context;
  // Where some runs of a group know their workers, the others say nothing of skew and would blur the medians.
  const known = members.filter(({ dose }) => dose !== null);
  const used = known.length > 0 ? known : members;
  const { group, run } = used[0]!;
  const random = seededRandom(seed, `attribution: group ${group}`);
  const split = splitGroup(used, { fit, random });
  const example = used.reduce((nearest, one) =>
    Math.abs(one.split.tailUs - split.tailUs) < Math.abs(nearest.split.tailUs - split.tailUs) ? one : nearest,
  );
  const figures: Omit<ModeAttribution, "sentence"> = {
    group,
    mode: run.mode,
    runs: used.length,
    tailUs: split.tailUs,
    tailRangeUs: split.tailRangeUs,
    tailCensored: used.some(({ attribution }) => attribution.tailCensored),
    lagUs: split.lagUs,
    skewUs: split.skewUs,
    restUs: split.restUs,
    skewShare: split.skewShare,
    skewShareRange: split.skewShareRange,
    skewShareInterval: split.skewShareInterval,
    indicative: used.length < leastResampled,
    balancedTailUs: split.restUs,
    balancedTailOtherUs: split.otherRestUs,
    measuredBalancedTailUs: run.mode === "exact_balance" ? null : measuredBalancedTailUs(run, all),
    hotColdRisk: medianOf(used.map(({ attribution }) => attribution.hotColdRisk?.ratio ?? null)),
    maxOverMean: medianOf(used.map(({ attribution }) => attribution.connectionSkew?.maxOverMean ?? null)),
    requestMaxOverMean: medianOf(used.map(({ attribution }) => attribution.requestSkew?.maxOverMean ?? null)),
    carrier: carrierOf(used, context.followed),
    skewP: used.every((one) => modeOf(one.run) === "reuse_port")
      ? dispersionP(
          used.map(({ counts }) => counts),
          random,
        )
      : null,
    exampleRun: example.run.order,
  };
  return {
    ...figures,
    sentence: sentenceOf({
      figures,
      tailQuantile,
      example,
      reason: fit === null ? reason : heldUp,
      balanced: used.every(({ attribution }) => isBalanced(attribution)),
      single: context.runs.length === 1,
    }),
  };
}

/** With this little skew there is nothing to blame, whatever the noise says. */
const noSkewUpTo = 1.03;

function isBalanced({ connectionSkew, requestSkew }: RunAttribution): boolean {
  return Math.max(connectionSkew?.maxOverMean ?? 1, requestSkew?.maxOverMean ?? 1) <= noSkewUpTo;
}

/** A skew that is none carries nothing; of two that differ, the one that the tail follows, where the runs can tell. */
function carrierOf(members: readonly Examined[], followed: Followed): Carrier | null {
  const doses = members.flatMap(({ dose }) => (dose === null ? [] : [dose]));
  if (doses.length === 0 || members.every(({ attribution }) => isBalanced(attribution))) return null;
  if (doses.every(isAlike)) return "alike";
  if (followed === null) return "unclear";
  const skew = medianOf(
    members.map(
      ({ attribution }) =>
        (followed === "requests" ? attribution.requestSkew : attribution.connectionSkew)?.maxOverMean ?? null,
    ),
  );
  return skew !== null && skew > noSkewUpTo ? followed : null;
}

/** exact_balance counts as a measurement of balance only where it did balance. */
const balancedUpTo = 1.05;

/** The median lag-free tail of the balanced exact_balance runs under the same side, step and hop. */
function measuredBalancedTailUs(like: Run, all: readonly Examined[]): number | null {
  return medianOf(
    all
      .filter(
        ({ run, attribution }) =>
          modeOf(run) === "exact_balance" &&
          run.side === like.side &&
          run.step === like.step &&
          run.target.hop === like.target.hop &&
          (attribution.requestSkew?.maxOverMean ?? Infinity) <= balancedUpTo,
      )
      .map(({ split }) => split.lagFreeTailUs),
  );
}

function medianOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}
