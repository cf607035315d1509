/** Targets × repetitions as one result set: every run with fresh connections, interleaved, saved after each. */

import { attribute } from "./attribution/attribution.ts";
import { wallClock } from "./clock.ts";
import { maxRatesOf } from "./compare/max-rate.ts";
import { describeEnvironment } from "./environment.ts";
import { MeshLoadError } from "./errors.ts";
import { bootstrapEnvoys } from "./lab/bootstrap-envoys.ts";
import type { LabPlaces } from "./lab/lab.ts";
import { startSideLabs } from "./lab/side-labs.ts";
import type { SideLabs } from "./lab/side-labs.ts";
import type { ABSide, Plan, TargetPlan } from "./plan/plan.ts";
import { redactPlan } from "./plan/redact.ts";
import { placesOf } from "./places.ts";
import type { Place } from "./places.ts";
import { hasSides } from "./plan/sides.ts";
import { plannedRuns } from "./plan/steps.ts";
import type { ProgressEvent } from "./progress-event.ts";
import { appendAccessLog } from "./result/access-log.ts";
import type { AccessLog } from "./result/access-log.ts";
import { methodVersion, schemaVersion } from "./result/result.ts";
import type { ResultSet, SideEnvironment } from "./result/result.ts";
import { growingFile, resultId } from "./result/store.ts";
import type { FinishedRun } from "./run.ts";
import { runWithProgress } from "./run-with-progress.ts";

export interface ExperimentOptions {
  readonly places: LabPlaces;
  /** Where the result set is saved after every run, or as often as that takes a tenth of the time; `null` saves nothing. */
  readonly dataDir: string | null;
  /** Saves it compressed. */
  readonly gzip?: boolean;
  /** Gets a line for each request, after its run. */
  readonly accessLog?: AccessLog;
  readonly version: string;
  /** Ends the run in hand early and starts no other. */
  readonly signal: AbortSignal;
  readonly onNote: (line: string) => void;
  readonly onProgress: (event: ProgressEvent) => void;
}

/** Without its requests, which would fill the memory. */
type Finished = Omit<FinishedRun, "requests">;

export interface Experiment {
  readonly set: ResultSet;
  readonly savedAs: string | null;
  /** What stopped it before its end, or kept it from being saved; the set has the runs that were finished. */
  readonly failure: Error | null;
}

/**
 * Carries out a plan.
 * @throws MeshLoadError what stopped it before a run was finished
 */
export async function runExperiment(plan: Plan, options: ExperimentOptions): Promise<Experiment> {
  const startedAt = wallClock();
  await using labs =
    plan.lab === null ? null : await startSideLabs(plan.lab, { qps: plan.load.qps, ...options });
  const targets = labs === null ? plan.targets : labTargets(plan, labs);
  const startTarget = await bootstrapEnvoys(targets, options);
  const places = placesOf(targets, plan);
  const finished: Finished[] = [];
  const file =
    options.dataDir === null ? null : growingFile({ dir: options.dataDir, gzip: options.gzip ?? false });
  const describe = (): ResultSet =>
    createResultSet({ plan, labs, finished, startedAt, version: options.version });

  const measure = async (place: Place): Promise<Finished> => {
    await labs?.labOf(place.target.side).renew();
    await using own = await startTarget(place.target);
    const request = {
      ...place,
      target: own?.target ?? place.target,
      plan: trusting({ ...plan, load: place.step.load }, place, labs),
      step: place.step.name,
      kind: labs === null ? "url" : "lab",
      order: finished.length,
      logged: options.accessLog !== undefined,
    } as const;
    const { requests, ...result } = await runWithProgress(request, { ...options, runs: plannedRuns(plan) });
    finished.push(result);
    if (options.accessLog !== undefined && requests !== null)
      await appendAccessLog(options.accessLog, requests);
    return result;
  };

  let failure: Error | null = null;
  try {
    let next = places.next();
    while (next.done !== true && !options.signal.aborted) {
      const last = await measure(next.value);
      if (endsExperiment(last)) break;
      next = places.next(last.run);
      // A disk that is full now may not be so at the end, and the runs are at hand till then.
      if (next.done !== true) await file?.offer(describe).catch(tell(options.onNote));
    }
  } catch (error) {
    if (finished.length === 0) throw error;
    // An interruption between two runs is reported like one within a run.
    if (error !== options.signal.reason) failure = error as Error;
  }
  const set = describe();
  let savedAs: string | null = null;
  try {
    if (finished.length > 0) await file?.save(set);
    savedAs = file?.path() ?? null;
  } catch (error) {
    failure ??= error as Error;
  }
  return { set, savedAs, failure };
}

/** Of what can be written, and is not: nothing else is expected, or passed over. */
const tell =
  (onNote: ExperimentOptions["onNote"]) =>
  (error: unknown): void => {
    if (!(error instanceof MeshLoadError)) throw error;
    onNote(error.message);
  };

/** What ended the run for a reason that the next one would meet again. */
function endsExperiment({ run: { stop } }: Finished): boolean {
  return stop !== null && stop.code !== "no-answer";
}

/** The plan with the authority of the lab that it drives, which is nobody's concern afterwards. */
function trusting(plan: Plan, { target }: Place, labs: SideLabs | null): Plan {
  const { tls } = plan.load;
  if (tls === null || labs === null) return plan;
  const { cacert } = labs.labOf(target.side);
  return { ...plan, load: { ...plan.load, tls: { ...tls, cacert } } };
}

function labTargets(plan: Plan, { labOf }: SideLabs): TargetPlan[] {
  return plan.targets.map((target) => {
    const lab = labOf(target.side);
    const listener = lab.targets.find(({ mode }) => mode === target.mode)!;
    const behind = lab.behind.map((hop) => ({ admin: hop.admin, pid: hop.pid, listener: listener.listener }));
    return {
      ...target,
      url: listener.url,
      admin: lab.admin,
      pid: lab.pid,
      listener: listener.listener,
      ...(behind.length === 0 ? {} : { hops: behind }),
    };
  });
}

interface SetParts {
  readonly plan: Plan;
  readonly labs: SideLabs | null;
  readonly finished: readonly Finished[];
  readonly startedAt: Date;
  readonly version: string;
}

function createResultSet({ plan, labs, finished, startedAt, version }: SetParts): ResultSet {
  const runs = finished.map(({ run }) => run);
  const envoy = finished.find((one) => one.envoy !== null)?.envoy;
  const sided = hasSides(plan);
  const sideOf = (side: ABSide | ""): SideEnvironment => ({
    envoy: labs?.labOf(side).version ?? envoyOf(finished, side),
    work: labs?.labOf(side).work ?? null,
  });
  return {
    schemaVersion,
    methodVersion,
    id: resultId(startedAt, plan),
    labels: plan.labels,
    startedAt: startedAt.toISOString(),
    seed: plan.seed,
    tool: { name: "mesh-load", version },
    environment: describeEnvironment({
      ...sideOf(sided ? "a" : ""),
      workers: plan.lab?.workers ?? envoy?.concurrency ?? null,
      sides: sided ? { a: sideOf("a"), b: sideOf("b") } : null,
    }),
    plan: redactPlan(plan),
    runs,
    maxRates: maxRatesOf(runs, plan),
    attribution:
      runs.length === 0 ? null : attribute(runs, { tailQuantile: plan.tailQuantile, seed: plan.seed }),
  };
}

/** What the admin of a side's targets said of its version, in any run. */
function envoyOf(finished: readonly Finished[], side: ABSide | ""): string | null {
  return finished.find(({ run, envoy }) => run.side === side && envoy !== null)?.envoy?.version ?? null;
}
