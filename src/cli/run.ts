/** `mesh-load run`: plan, drive, report. */

import { randomInt } from "node:crypto";
import type { Gate } from "../compare/gate.ts";
import { exitCodes, MeshLoadError } from "../errors.ts";
import type { Experiment } from "../experiment.ts";
import { createPlan } from "../plan/create-plan.ts";
import { checkLimits } from "../plan/limits.ts";
import type { Plan } from "../plan/plan.ts";
import { hasSides } from "../plan/sides.ts";
import { openAccessLog } from "../result/access-log.ts";
import type { AccessLog } from "../result/access-log.ts";
import { checkDirectory, checkWritable } from "../result/whole-output.ts";
import type { Command, CommandInput } from "./command.ts";
import { runFlags } from "./flags.ts";
import { gatesOf } from "./gates.ts";
import { readInput } from "./input-file.ts";
import { intentOf, isAB } from "./intent.ts";
import { readMachineLimits } from "./machine.ts";
import { labPlaces } from "./places.ts";
import { createErrorLines } from "./error-lines.ts";
import { createProgress } from "./progress.ts";
import { readProxies } from "./proxies.ts";
import { checkRunGates, judgeRun, repetitionsNote } from "./run-gates.ts";
import { booleanOf, invalid, numberOf, textOf } from "./values.ts";
import type { FlagValues } from "./values.ts";
import { endedEarly, exitCodeOf } from "./verdict.ts";

export const runCommand: Command = {
  name: "run",
  summary: "Drive a load and tell how much of the tail is the skew of connections over workers",
  positionals: "[URL | BOOTSTRAP | MODE=URL ...]",
  completes: "file",
  arity: [0, Infinity],
  flags: runFlags,
  examples: [
    ["mesh-load run -c 128 -qps 3000", "An Envoy of its own, in each listener mode"],
    ["mesh-load run -profile short-lived", "A connection for each request"],
    [
      "mesh-load run http://127.0.0.1:8080 -c 64 -qps 1000 -admin http://127.0.0.1:15000",
      "An Envoy of yours",
    ],
    ["mesh-load run default=http://h:8081 reuse_port=http://h:8082 -reps 5", "Listeners of yours, compared"],
    ["mesh-load run -ab http://h:8081 http://h:8082 -gate 'p99<=+5%'", "Two Envoys in turn, compared"],
    ["mesh-load run -ab -ab-envoy ./envoy-head", "The lab with two Envoy binaries"],
    [
      "mesh-load run -ab base.yaml head.yaml -c 64 -qps 1000",
      "Two Envoy configurations of yours, started in turn",
    ],
    ["mesh-load run -find-max -slo 'p99<10ms' -c 64", "The highest rate that holds, in each mode"],
    ["mesh-load run -json - -quiet", "The result set on stdout, for a script"],
  ],
  execute,
};

async function execute(input: CommandInput): Promise<number> {
  const { values, terminal } = input;
  const gates = await gatesOf(values);
  const plan = await planOf(input);
  await checkRunGates(gates, plan);
  if (plan.search !== null) (await import("../compare/max-rate.ts")).checkSearch(plan.search, plan.load);
  const verdict = {
    maxFailures: maxFailuresOf(values, { plan, gates }),
    strict: booleanOf(values, "strict") ?? false,
    allowInconclusive: booleanOf(values, "allow-inconclusive") ?? false,
  };
  checkLimits(plan, readMachineLimits());
  const wanted = outputsOf(values);
  for (const path of [wanted.json, wanted.csv])
    if (path !== undefined && path !== "-") await checkWritable(path);
  if (wanted.accessLog !== undefined) await openAccessLog(wanted.accessLog);
  if (wanted.dataDir !== null) await checkDirectory(wanted.dataDir);

  const { set, savedAs, failure } = await carryOut(plan, { gates, wanted, input });
  const { writeResults } = await import("./write-results.ts");
  await writeResults(set, { ...wanted, savedAs, terminal }).catch((error: unknown) => {
    if (savedAs === null || !(error instanceof MeshLoadError)) throw error;
    const hint = `Nothing is lost: mesh-load report ${savedAs}`;
    throw new MeshLoadError(error.code, error.message, { hint, cause: error });
  });
  if (failure !== null) throw failure;
  const code = exitCodeOf(set, verdict);
  // Of what was cut short, or never answered, nothing can be judged.
  const isPart = code === exitCodes.interrupted || endedEarly(set);
  if (isPart || code === exitCodes.environment) return code;
  const isFree = wanted.json !== "-" && wanted.csv !== "-";
  const judged = await judgeRun(set, { gates, values, terminal: isFree ? terminal : null });
  return code === exitCodes.done ? judged : code;
}

/** Runs the plan under a line of progress, which is gone before anything is printed. */
async function carryOut(
  plan: Plan,
  { gates, wanted, input }: { gates: readonly Gate[] | undefined; wanted: Outputs; input: CommandInput },
): Promise<Experiment> {
  const { values, version } = input;
  const { stderr } = input.terminal;
  // Loaded late: a usage error, and the help, answer at once.
  const { runExperiment } = await import("../experiment.ts");
  using progress = createProgress({ ...stderr, stream: stderr, quiet: booleanOf(values, "quiet") ?? false });
  const note = repetitionsNote(gates, plan);
  if (note !== null) progress.note(note);
  const errorLines = (booleanOf(values, "log-errors") ?? true) ? createErrorLines(progress.note) : null;
  return await runExperiment(plan, {
    places: labPlaces(),
    dataDir: wanted.dataDir,
    gzip: wanted.gzip,
    signal: input.interruptible(),
    version,
    ...(wanted.accessLog === undefined ? {} : { accessLog: wanted.accessLog }),
    onNote: progress.note,
    onProgress: (event) => {
      progress.show(event);
      errorLines?.(event);
    },
  });
}

async function planOf({ values, positionals }: CommandInput): Promise<Plan> {
  const flags = intentOf(values, positionals, readPayload(textOf(values, "payload-file")));
  const named = textOf(values, "profile");
  // A URL alone gets Fortio's defaults, not those of the lab's profile.
  const useProfile = named !== undefined || flags.targets === undefined;
  const profile = useProfile
    ? (await import("./profile-file.ts")).readProfile(named ?? (isAB(values) ? "ci" : "default"))
    : {};
  return createPlan({ profile, flags, freshSeed: randomInt(2 ** 32), proxies: readProxies() });
}

function readPayload(path: string | undefined): Buffer | null {
  if (path === undefined) return null;
  return readInput(path, (reason) =>
    invalid(`-payload-file ${path} cannot be read: ${reason}`, "Give a file, or - for stdin."),
  );
}

/** None, unless a flag or a gate says otherwise; of two sides the baseline's are nobody's fault. */
function maxFailuresOf(
  values: FlagValues,
  { plan, gates = [] }: { plan: Plan; gates: readonly Gate[] | undefined },
): number {
  const isGated = hasSides(plan) || gates.some(({ metric }) => metric.name === "failures");
  const most = numberOf(values, "max-failures") ?? (isGated ? Infinity : 0);
  if (most < 0) throw invalid(`-max-failures ${most} is below 0`, "Use 0 to tolerate none.");
  return most;
}

interface Outputs {
  readonly json: string | undefined;
  readonly csv: string | undefined;
  readonly dataDir: string | null;
  readonly accessLog: AccessLog | undefined;
  readonly gzip: boolean;
}

function outputsOf(values: FlagValues): Outputs {
  const json = textOf(values, "json");
  const csv = textOf(values, "csv");
  const save = !(booleanOf(values, "no-save") ?? false);
  const dataDir = textOf(values, "data-dir");
  const accessLog = textOf(values, "access-log-file");
  if (json === "-" && csv === "-")
    throw invalid("-json - and -csv - both want stdout", "Write one of them to a file.");
  for (const [name, path] of Object.entries({ json, csv, "data-dir": dataDir, "access-log-file": accessLog }))
    if (path === "") throw invalid(`-${name} names no path`, `Leave -${name} out, or give it one.`);
  if (!save && dataDir !== undefined)
    throw invalid("-no-save and -data-dir contradict each other", "Keep one of the two.");
  const gzip = booleanOf(values, "gzip") ?? false;
  if (!save && gzip)
    throw invalid(
      "-no-save and -gzip contradict each other",
      "Keep one of the two; -json FILE.gz compresses that file.",
    );
  const format = (textOf(values, "access-log-format") ?? "json") as AccessLog["format"];
  return {
    json,
    csv,
    dataDir: save ? (dataDir ?? "results") : null,
    gzip,
    accessLog: accessLog === undefined ? undefined : { path: accessLog, format },
  };
}
