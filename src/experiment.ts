/** Targets × repetitions as one result set: every run with fresh connections, interleaved, saved after each. */

import { attribute } from "./attribution/attribution.ts";
import { monotonicUs, wallClock } from "./clock.ts";
import { describeEnvironment } from "./environment.ts";
import { startLab } from "./lab/lab.ts";
import type { Lab, LabPlaces } from "./lab/lab.ts";
import type { Plan, TargetPlan } from "./plan/plan.ts";
import { redactPlan } from "./plan/redact.ts";
import type { ProgressEvent } from "./progress-event.ts";
import { seededRandom, shuffle } from "./random.ts";
import { methodVersion, schemaVersion } from "./result/result.ts";
import type { ResultSet, Run } from "./result/result.ts";
import { createResultFile, resultId, writeResultSet } from "./result/store.ts";
import { run } from "./run.ts";

export interface ExperimentOptions {
  readonly places: LabPlaces;
  /** Where the result set is saved after every run; `null` saves nothing. */
  readonly dataDir: string | null;
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
  const runs: Run[] = [];
  const describe = (): ResultSet => createResultSet({ plan, lab, runs, startedAt, version: options.version });
  // Claimed before the load, so that a directory that cannot be written costs no run.
  const savedAs = options.dataDir === null ? null : await createResultFile(options.dataDir, describe());
  for (const [order, place] of places.entries()) {
    if (options.signal.aborted) break;
    runs.push(
      await runWithProgress(
        { plan, kind: lab === null ? "url" : "lab", order, ...place },
        places.length,
        options,
      ),
    );
    if (savedAs !== null) await writeResultSet(savedAs, describe());
  }
  return { set: describe(), savedAs };
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

async function runWithProgress(
  request: Parameters<typeof run>[0],
  count: number,
  { signal, onProgress }: ExperimentOptions,
): Promise<Run> {
  const { plan, target, order, repetition } = request;
  const { durationUs, exactly, qps } = plan.load;
  const plannedS =
    (exactly === null ? durationUs / 1e6 : qps > 0 ? exactly / qps : 0) + plan.load.warmupUs / 1e6;
  const common = {
    run: order + 1,
    runs: count,
    name: target.name,
    repetition: repetition + 1,
    durationS: plannedS,
  };
  let ticks: NodeJS.Timeout | undefined;
  onProgress({ kind: "run-started", ...common, elapsedS: 0, requests: 0, failures: 0 });
  try {
    const finished = await run(request, {
      signal,
      onStart: (startAtUs, progress) => {
        const tick = (): void =>
          onProgress({
            kind: "tick",
            ...common,
            elapsedS: Math.max(0, (monotonicUs() - startAtUs) / 1e6),
            ...progress(),
          });
        ticks = setInterval(tick, 500);
      },
    });
    const failures = Object.values(finished.failures).reduce((sum, n) => sum + n, 0);
    onProgress({
      kind: "run-finished",
      ...common,
      elapsedS: finished.actual.durationS,
      requests: finished.actual.requests,
      failures,
    });
    return finished;
  } finally {
    clearInterval(ticks);
  }
}

interface SetParts {
  readonly plan: Plan;
  readonly lab: Lab | null;
  readonly runs: readonly Run[];
  readonly startedAt: Date;
  readonly version: string;
}

function createResultSet({ plan, lab, runs, startedAt, version }: SetParts): ResultSet {
  return {
    schemaVersion,
    methodVersion,
    id: resultId(startedAt, plan.labels),
    labels: plan.labels,
    startedAt: startedAt.toISOString(),
    seed: plan.seed,
    tool: { name: "mesh-load", version },
    environment: describeEnvironment({
      envoy: lab?.version ?? null,
      workers: plan.lab?.workers ?? null,
      work: lab?.work ?? null,
    }),
    plan: redactPlan(plan),
    runs: [...runs],
    attribution:
      runs.length === 0 ? null : attribute(runs, { tailQuantile: plan.tailQuantile, seed: plan.seed }),
  };
}
