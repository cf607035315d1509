/** JUnit XML of result sets: a suite each, a case for each run, which passes where no request failed. */

import { stepsOf } from "../plan/steps.ts";
import type { ResultSet, Run } from "../result/result.ts";
import { isRunOf } from "../result/run-of-target.ts";
import { latencyOf } from "./figures.ts";
import { groupNameOf, groupsOf, titleOf } from "./groups.ts";
import { headline } from "./headline.ts";
import { junitText } from "./junit-text.ts";
import type { Problem, TestCase, TestSuite } from "./junit-text.ts";

export function junit(sets: readonly ResultSet[]): string {
  return junitText(sets.map(suiteOf));
}

function suiteOf(set: ResultSet): TestSuite {
  const { envoy, cpuModel, cpus, os } = set.environment;
  const known = {
    id: set.id,
    load: headline(set),
    envoy,
    cpuModel,
    cpus: String(cpus),
    os,
    tool: set.tool.version,
  };
  return {
    name: set.labels === "" ? set.id : set.labels,
    startedAt: set.startedAt,
    properties: Object.fromEntries(
      Object.entries(known).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
    ),
    cases: [
      ...groupsOf(set).flatMap(({ title, runs }) => runs.map((run) => runCase(title, run))),
      ...missing(set),
    ],
  };
}

function runCase(title: string, run: Run): TestCase {
  return {
    classname: classOf(title),
    name: `repetition ${run.repetition + 1}`,
    seconds: run.actual.durationS,
    problem: problemOf(run),
    output: run.warnings.map(({ code, message, hint }) => `${code}: ${message}. ${hint}`).join("\n"),
  };
}

function problemOf(run: Run): Problem | null {
  const { state, stop, failures, failureLatency } = run;
  const reasons = Object.entries(failures).map(([reason, count]) => `${reason}: ${count}`);
  const details = reasons.join("\n");
  if (state !== "completed")
    return {
      kind: "error",
      type: stop?.code ?? state,
      message: stop?.message ?? `The run was ${state}`,
      details,
    };
  if (failureLatency.count === 0) return null;
  const message = `${failureLatency.count} of ${latencyOf(run).count} requests failed`;
  return { kind: "failure", type: "failed-requests", message, details };
}

/** Runs that the plan has and the set lacks: an experiment that ended early must not look whole. */
function missing({ plan, runs }: ResultSet): TestCase[] {
  if (plan.search !== null) return [];
  return plan.targets.flatMap((target) => {
    const { name, mode, side } = target;
    // An Envoy that was not started has no URL yet.
    const url = target.url === "" ? name : target.url;
    const made = runs.filter((run) => isRunOf(run, target));
    const planned = stepsOf(plan).flatMap((step) =>
      Array.from({ length: plan.repetitions }, (_, repetition) => ({ step: step.name, repetition })),
    );
    return planned
      .filter(
        ({ step, repetition }) => !made.some((run) => run.step === step && run.repetition === repetition),
      )
      .map(({ step, repetition }) => ({
        classname: classOf(titleOf(groupNameOf({ side, step, mode, url }), mode)),
        name: `repetition ${repetition + 1}`,
        seconds: 0,
        problem: { kind: "skipped", type: "missing", message: "The run was not made", details: "" } as const,
        output: "",
      }));
  });
}

/** A dot would part a package from its class. */
function classOf(title: string): string {
  return `mesh-load.${title.replaceAll(".", "_")}`;
}
