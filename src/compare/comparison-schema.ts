/** JSON Schema (draft-07) of a comparison's JSON; docs/comparison.schema.json is this, written out. */

import { modes } from "../plan/mode.ts";
import { resultSchema } from "../result/schema.ts";
import { amount, count, list, number, object, oneOf, orNull, share, text } from "../result/schema-words.ts";
import { comparisonVersion } from "./comparison.ts";
import type {
  Check,
  ComparedGroup,
  ComparedMetric,
  ComparedSide,
  Comparison,
  FieldDifference,
  GateResult,
  GroupSide,
  MetricSide,
} from "./comparison.ts";

const version = { const: comparisonVersion };
const verdict = oneOf(["regressed", "improved", "equivalent", "inconclusive", "underpowered", "unsupported"]);
const outcome = oneOf(["passed", "failed", "undecided"]);

const side = object<ComparedSide>({
  name: text,
  sets: list(object<ComparedSide["sets"][number]>({ id: text, labels: text, startedAt: text })),
  envoy: orNull(text),
  cpuModel: orNull(text),
  cpus: orNull(count),
  runs: count,
  interrupted: count,
  failed: count,
});

const difference = object<FieldDifference>({
  field: text,
  baseline: text,
  candidate: text,
  weight: oneOf(["plan", "machine", "small"]),
});

const groupSide = object<GroupSide>({ runs: count, latency: { $ref: "#/definitions/distribution" } });
const metricSide = object<MetricSide>({ values: list(number), median: orNull(number), censored: count });

const metric = object<ComparedMetric>({
  metric: text,
  unit: oneOf(["us", "qps", "percent", "ratio", "share"]),
  better: oneOf(["lower", "higher"]),
  baseline: metricSide,
  candidate: metricSide,
  scale: oneOf(["ratio", "difference"]),
  effect: orNull(number),
  interval: { type: "array", items: orNull(number), minItems: 2, maxItems: 2 },
  tolerance: amount,
  p: orNull(share),
  adjustedP: orNull(share),
  detectable: orNull(amount),
  verdict,
  reason: orNull(text),
  gate: orNull(text),
});

const group = object<ComparedGroup>({
  group: text,
  title: text,
  mode: orNull(oneOf(modes)),
  luck: { type: "boolean" },
  baseline: groupSide,
  candidate: groupSide,
  pairs: count,
  metrics: list(metric),
});

const gate = object<GateResult>({
  gate: text,
  kind: oneOf(["relative", "absolute"]),
  group: text,
  title: text,
  metric: text,
  outcome,
  verdict: orNull(verdict),
  message: text,
});

const comparison = object<Comparison>({
  comparisonVersion: version,
  of: oneOf(["sets", "sides", "modes"]),
  design: oneOf(["paired", "unpaired"]),
  alpha: share,
  baseline: side,
  candidate: side,
  differences: list(difference),
  groups: list(group),
  gates: list(gate),
  outcome,
  notes: list(text),
});

const check = object<Check>({
  comparisonVersion: version,
  of: { const: "check" },
  candidate: side,
  gates: list(gate),
  outcome,
  notes: list(text),
});

/** What `compare -format json` and `check -format json` write, of this version and no other. */
export const comparisonSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "A mesh-load comparison, or a check",
  anyOf: [comparison, check],
  definitions: { distribution: resultSchema.definitions.distribution },
};
