/** mesh-load as a library: plan, run, judge and print, without a terminal. */

export { attribute } from "./attribution/attribution.ts";
export type { Check, Comparison } from "./compare/comparison.ts";
export { MeshLoadError } from "./errors.ts";
export type { ErrorCode } from "./errors.ts";
export { runExperiment } from "./experiment.ts";
export type { Experiment, ExperimentOptions } from "./experiment.ts";
export { Histogram } from "./histogram.ts";
export { inspect } from "./inspect.ts";
export type { ListenerReport } from "./inspect.ts";
export { startLab } from "./lab/lab.ts";
export type { Lab, LabPlaces, StartLabOptions } from "./lab/lab.ts";
export { outputs } from "./output/outputs.ts";
export { createPlan } from "./plan/create-plan.ts";
export { modes } from "./plan/mode.ts";
export type { Mode } from "./plan/mode.ts";
export type { Plan } from "./plan/plan.ts";
export { parseProfile } from "./plan/profile.ts";
export type { Profile } from "./plan/profile.ts";
export type { ProgressEvent } from "./progress-event.ts";
export type { Attribution } from "./result/attribution.ts";
export type { ResultSet, Run } from "./result/result.ts";
export { readResultSet } from "./result/read-result-set.ts";
export { writeResultSet } from "./result/store.ts";
export type { Warning } from "./result/warnings.ts";
export { run } from "./run.ts";
export type { RunHooks, RunRequest } from "./run.ts";
