/** Gates: the thresholds that decide, from the text that a person writes: `exact_balance:p99<=+5%`. */

import { MeshLoadError } from "../errors.ts";
import { metricHint, metricNamed } from "./metric.ts";
import type { Metric } from "./metric.ts";

export interface Gate {
  /** As given. */
  readonly text: string;
  /** The mode or target that it is for; `null`: each of them. */
  readonly group: string | null;
  readonly metric: Metric;
  readonly comparator: Comparator;
  /** Relative ones compare with a baseline; absolute ones look at the candidate alone. */
  readonly kind: "relative" | "absolute";
  /** Of a relative gate: the worsening allowed, 0 or more. Of an absolute one: the bound, in the metric's unit. */
  readonly threshold: number;
  /** How a relative threshold is meant: as a ratio (`+5%`) or in the metric's own unit (`+2ms`). */
  readonly scale: Metric["scale"];
  /** A bound on the number of failed requests over all runs, not on their share. */
  readonly isCount: boolean;
}

export const comparators = ["<=", ">=", "==", "<", ">"] as const;
export type Comparator = (typeof comparators)[number];

/** Without gates: where p99 is no matter of luck it may rise by a tenth, and of 10 000 requests one more may fail. */
export const defaultGates = { tail: "p99<=+10%", failures: "failures<=+0.01%" } as const;

const microsPer: Readonly<Record<string, number>> = { us: 1, µs: 1, ms: 1e3, s: 1e6 };

/** Which gates a hint may propose: all, or bounds alone where there is no baseline. */
type Proposed = "all" | "bounds";

/**
 * Reads `[GROUP:]METRIC COMPARATOR [+|-]NUMBER[UNIT]`. `place` names where it stands, for messages: `-gate`, `FILE:3`.
 *
 * @throws MeshLoadError GATE_INVALID, with the text, a mark under the place, and what would be right
 */
export function parseGate(text: string, place = "-gate", proposed: Proposed = "all"): Gate {
  const fail = (at: number, problem: string, hint: string): never => {
    throw invalid({ text, place, at, problem, hint });
  };
  const example = proposed === "all" ? "p99<=+5%" : "p99<10ms";
  // The groups of a sweep have an equals sign of their own: `c=8 default`.
  const colon = text.lastIndexOf(":");
  const found = /[<>=!~]+/.exec(text.slice(colon + 1));
  if (found === null)
    return fail(text.length, "there is no comparison", `Write METRIC<=VALUE, such as ${example}.`);
  const comparatorAt = colon + 1 + found.index;
  const comparator = comparators.find((one) => one === found[0]);
  if (comparator === undefined)
    return fail(comparatorAt, `${found[0]} is no comparison`, `There are ${comparators.join(" ")}.`);
  const left = text.slice(0, comparatorAt);
  const group = colon < 0 ? null : left.slice(0, colon).trim();
  if (group === "") return fail(0, "nothing stands before the colon", "Write exact_balance:p99<=+5%.");
  const name = left.slice(colon + 1).trim();
  const nameAt = colon + 1 + (left.slice(colon + 1).length - left.slice(colon + 1).trimStart().length);
  if (name === "") return fail(nameAt, "there is no metric", `Write ${example}.`);
  const metric = metricNamed(name);
  if (metric === undefined)
    return fail(nameAt, `no metric is called ${JSON.stringify(name)}`, metricHint(name));

  const afterAt = comparatorAt + comparator.length;
  const right = text.slice(afterAt);
  const valueAt = afterAt + (right.length - right.trimStart().length);
  const [, sign, digits, unit] = /^([+-]?)(\d+\.?\d*|\.\d+)\s*([^\d\s]*)$/.exec(right.trim()) ?? [];
  if (digits === undefined || unit === undefined)
    return fail(
      valueAt,
      right.trim() === "" ? "there is no value" : "this is no value",
      hintFor(metric, proposed),
    );
  const value: Value = {
    number: Number(digits),
    unit,
    unitAt: valueAt + right.trim().length - unit.length,
    valueAt,
    proposed,
  };
  const common = { text, group, metric, comparator };
  return sign === ""
    ? { ...common, ...absolute(metric, value, fail) }
    : {
        ...common,
        ...relative(metric, { ...value, sign: sign!, comparator, comparatorAt }, fail),
      };
}

type Fail = (at: number, problem: string, hint: string) => never;

interface Value {
  readonly number: number;
  readonly unit: string;
  readonly unitAt: number;
  readonly valueAt: number;
  readonly proposed: Proposed;
}

type Threshold = Pick<Gate, "kind" | "threshold" | "scale" | "isCount">;

function absolute(metric: Metric, value: Value, fail: Fail): Threshold {
  const { number, unit, unitAt, valueAt, proposed } = value;
  const bound = { kind: "absolute", scale: metric.scale, isCount: false } as const;
  switch (metric.unit) {
    case "us":
      if (microsPer[unit] === undefined)
        return fail(
          unitAt,
          unit === "" ? "the unit is missing" : `${unit} is no unit of time`,
          hintFor(metric, proposed),
        );
      return { ...bound, threshold: number * microsPer[unit] };
    case "share":
      if (unit === "%") return { ...bound, threshold: number / 100 };
      if (unit !== "") return fail(unitAt, `${unit} is no unit of ${metric.name}`, hintFor(metric, proposed));
      // Taken as they stand, 0.01 failures would be none, and a share of 30 would let everything pass.
      if (metric.name === "failures" && !Number.isInteger(number))
        return fail(
          valueAt,
          "a number of failures is whole",
          "Write failures<=0.1% for a share of the requests.",
        );
      if (metric.name !== "failures" && number > 1)
        return fail(valueAt, "a share is 1 at most", hintFor(metric, proposed));
      return { ...bound, threshold: number, isCount: metric.name === "failures" };
    case "percent":
      if (unit !== "" && unit !== "%")
        return fail(unitAt, `${unit} is no unit of ${metric.name}`, hintFor(metric, proposed));
      return { ...bound, threshold: number };
    case "qps":
    case "ratio":
      if (unit !== "") return fail(unitAt, `${metric.name} has no unit`, hintFor(metric, proposed));
      return { ...bound, threshold: number };
    default:
      return metric.unit satisfies never;
  }
}

function relative(
  metric: Metric,
  value: Value & { sign: string; comparator: Comparator; comparatorAt: number },
  fail: Fail,
): Threshold {
  const { number, unit, unitAt, valueAt, sign, comparator, comparatorAt } = value;
  const isLower = metric.better === "lower";
  const right = `Write ${metric.name}${isLower ? "<=+" : ">=-"}5%.`;
  if (comparator === "==") return fail(comparatorAt, "no two measurements are equal", right);
  if (comparator.startsWith("<") !== isLower)
    return fail(comparatorAt, `${metric.name} is better ${isLower ? "low" : "high"}`, right);
  if ((sign === "+") !== isLower && number !== 0)
    return fail(valueAt, "a gate says how much worse it may get", right);
  const gate = { kind: "relative", isCount: false } as const;
  if (metric.unit === "us" && microsPer[unit] !== undefined)
    return { ...gate, scale: "difference", threshold: number * microsPer[unit] };
  if (metric.unit === "share" && (unit === "%" || unit === "")) {
    // A number of failures cannot be compared between sides that sent other numbers of requests.
    if (unit === "" && metric.name === "failures" && number !== 0)
      return fail(valueAt, "this is no share of the requests", `Write ${metric.name}<=+0.1%.`);
    return { ...gate, scale: "difference", threshold: unit === "%" ? number / 100 : number };
  }
  if (unit !== "%")
    return fail(unitAt, unit === "" ? "the per cent sign is missing" : `${unit} is not %`, right);
  if (!isLower && number >= 100) return fail(valueAt, "nothing falls by so much", right);
  return { ...gate, scale: "ratio", threshold: number / 100 };
}

function hintFor(metric: Metric, proposed: Proposed): string {
  return `Write ${gateExamples(metric, proposed)}.`;
}

/** Gates that can be put on a metric. */
export function gateExamples(
  { name, unit }: Pick<Metric, "name" | "unit">,
  proposed: Proposed = "all",
): string {
  const examples: Readonly<Record<Metric["unit"], readonly [bound: string, change?: string]>> = {
    us: [`${name}<=20ms`, `${name}<=+5%`],
    qps: [`${name}>=2900`, `${name}>=-1%`],
    percent: [`${name}<=80%`, `${name}<=+10%`],
    ratio: [`${name}<=1.2`, `${name}<=+10%`],
    share: [name === "failures" ? "failures==0, or failures<=0.1%" : `${name}<=0.3, or ${name}<=30%`],
  };
  const [bound, change] = examples[unit];
  return change === undefined || proposed === "bounds" ? bound : `${bound}, or ${change} against a baseline`;
}

interface Problem {
  readonly text: string;
  readonly place: string;
  readonly at: number;
  readonly problem: string;
  readonly hint: string;
}

function invalid({ text, place, at, problem, hint }: Problem): MeshLoadError {
  return new MeshLoadError(
    "GATE_INVALID",
    `${place}: ${problem}, at column ${at + 1}\n  ${text}\n  ${" ".repeat(at)}^`,
    { hint },
  );
}

/** The gates of a file: one a line, `#` begins a comment. @throws MeshLoadError GATE_INVALID */
export function parseGates(text: string, path: string): Gate[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    const gate = line.replace(/#.*$/, "").trimEnd();
    return gate.trim() === "" ? [] : [parseGate(gate, `${path}:${i + 1}`)];
  });
}
