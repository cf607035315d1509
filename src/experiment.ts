/** Targets × repetitions as one result set: every run with fresh connections, interleaved, saved after each. */

import { attribute } from "./attribution/attribution.ts";
import { wallClock } from "./clock.ts";
import { describeEnvironment } from "./environment.ts";
import { startLab } from "./lab/lab.ts";
import type { Lab, LabPlaces } from "./lab/lab.ts";
import type { Plan, TargetPlan } from "./plan/plan.ts";
import { redactPlan } from "./plan/redact.ts";
import type { ProgressEvent } from "./progress-event.ts";
import { seededRandom, shuffle } from "./random.ts";
import { methodVersion, schemaVersion } from "./result/result.ts";
import type { ResultSet } from "./result/result.ts";
import { growingFile, resultId } from "./result/store.ts";
import type { FinishedRun } from "./run.ts";
import { runWithProgress } from "./run-with-progress.ts";

export interface ExperimentOptions {
  readonly places: LabPlaces;
  /** Where the result set is saved after every run, or as often as that takes a tenth of the time; `null` saves nothing. */
  readonly dataDir: string | null;
  /** Saves it compressed. */
  readonly gzip?: boolean;
  readonly version: string;
  /** Ends the run in hand early and starts no other. */
  readonly signal: AbortSignal;
  readonly onNote: (line: string) => void;
  readonly onProgress: (event: ProgressEvent) => void;
}

export interface Experiment {
  readonly set: ResultSet;
  readonly savedAs: string | null;
}

/**
 * Carries out a plan.
 * @throws MeshLoadError what stopped it; the runs finished until then are saved.
 */
export async function runExperiment(plan: Plan, options: ExperimentOptions): Promise<Experiment> {
  const startedAt = wallClock();
  await using lab = plan.lab === null ? null : await startLab(plan.lab, { qps: plan.load.qps, ...options });
  const targets = lab === null ? plan.targets : labTargets(plan, lab);
  const places = interleave(targets, plan);
  const finished: FinishedRun[] = [];
  const file =
    options.dataDir === null ? null : growingFile({ dir: options.dataDir, gzip: options.gzip ?? false });
  const describe = (): ResultSet =>
    createResultSet({ plan, lab, finished, startedAt, version: options.version });

  for (const [order, place] of places.entries()) {
    if (options.signal.aborted) break;
    const request = { plan, kind: lab === null ? "url" : "lab", order, ...place } as const;
    try {
      finished.push(await runWithProgress(request, { ...options, runs: places.length }));
    } catch (error) {
      if (file === null || finished.length === 0) throw error;
      await file.save(describe());
      options.onNote(`The ${finished.length} runs finished before are saved as ${file.path()}`);
      throw error;
    }
    if (endsExperiment(finished.at(-1)!)) break;
    if (order < places.length - 1) await file?.offer(describe);
  }
  const set = describe();
  if (finished.length > 0) await file?.save(set);
  return { set, savedAs: file?.path() ?? null };
}

/** What ended the run for a reason that the next one would meet again. */
function endsExperiment({ run: { stop } }: FinishedRun): boolean {
  return stop !== null && stop.code !== "no-answer";
}

interface Place {
  readonly target: TargetPlan;
  readonly block: number;
  readonly repetition: number;
}

/** Each block drives every target once, in an order of its own: what drifts hits all targets alike. */
function interleave(targets: readonly TargetPlan[], { seed, repetitions }: Plan): Place[] {
  const random = seededRandom(seed, "order");
  return Array.from({ length: repetitions }, (_, repetition) =>
    shuffle(targets, random).map((target) => ({ target, block: repetition, repetition })),
  ).flat();
}

function labTargets(plan: Plan, lab: Lab): TargetPlan[] {
  return plan.targets.map((target) => {
    const listener = lab.targets.find(({ mode }) => mode === target.mode)!;
    return { ...target, url: listener.url, admin: lab.admin, pid: lab.pid, listener: listener.listener };
  });
}

interface SetParts {
  readonly plan: Plan;
  readonly lab: Lab | null;
  readonly finished: readonly FinishedRun[];
  readonly startedAt: Date;
  readonly version: string;
}

function createResultSet({ plan, lab, finished, startedAt, version }: SetParts): ResultSet {
  const runs = finished.map(({ run }) => run);
  const envoy = finished.find((one) => one.envoy !== null)?.envoy;
  return {
    schemaVersion,
    methodVersion,
    id: resultId(startedAt, plan.labels),
    labels: plan.labels,
    startedAt: startedAt.toISOString(),
    seed: plan.seed,
    tool: { name: "mesh-load", version },
    environment: describeEnvironment({
      envoy: lab?.version ?? envoy?.version ?? null,
      workers: plan.lab?.workers ?? envoy?.concurrency ?? null,
      work: lab?.work ?? null,
    }),
    plan: redactPlan(plan),
    runs,
    attribution:
      runs.length === 0 ? null : attribute(runs, { tailQuantile: plan.tailQuantile, seed: plan.seed }),
  };
}
