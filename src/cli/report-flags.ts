/** The flags of the commands that read results, and of `inspect`. */

import type { CheckFormat, ComparisonFormat, OutputFormat } from "../output/outputs.ts";
import { modes } from "../plan/mode.ts";
import { inGroup } from "./flag.ts";
import type { Flag } from "./flag.ts";
import { gateRows } from "./gate-flags.ts";

/** As in `output/outputs.ts`, which is loaded only where something is written. */
const checkFormats = [
  "table",
  "markdown",
  "github",
  "junit",
  "json",
] as const satisfies readonly CheckFormat[];
const reportFormats = [
  ...checkFormats,
  "csv",
  "csv-series",
  "csv-stages",
  "csv-connections",
  "bench",
  "fortio",
  "hgrm",
  "hdrlog",
  "openmetrics",
  "html",
] as const satisfies readonly OutputFormat[];

/** `mesh-load report` */
export const reportFlags: readonly Flag[] = inGroup("Options:", [
  ["format", "choice", "What to write", { choices: reportFormats, default: "table" }],
  ["o", "file", "Write to a FILE (.gz: compressed) instead of stdout, or a file each into a DIRECTORY/"],
]);

const comparisonFormats = [...checkFormats, "csv", "html"] as const satisfies readonly ComparisonFormat[];

/** `mesh-load compare` */
export const compareFlags: readonly Flag[] = [
  ...inGroup("What to compare:", [
    ["by", "choice", "Parts of one result set with each other", { choices: ["mode"] }],
    [
      "baseline-mode",
      "choice",
      "The mode that others are set against",
      { choices: modes, default: "the first" },
    ],
    ["baseline", "file", "A baseline more: all positionals are candidates then", { repeatable: true }],
    ["baseline-label", "text", "Of the baseline's directory the newest set with this label"],
    ["candidate-label", "text", "The same of the candidate's"],
    ["force", "boolean", "Compare what was not measured alike"],
  ]),
  ...inGroup("Planning:", [
    ["plan", "boolean", "Tell from a baseline how many repetitions, of which length, an effect needs"],
    ["effect", "text", "The worsening to be found, with -plan", { default: "+10%" }],
  ]),
  ...inGroup("Gates:", [
    ...gateRows,
    [
      "alpha",
      "number",
      "One-sided level of the tests, over all gates together",
      { default: "0.05", example: "0.01" },
    ],
  ]),
  ...inGroup("Output:", [
    ["format", "choice", "What to write", { choices: comparisonFormats, default: "table" }],
    ["o", "file", "Write to a FILE instead of stdout"],
  ]),
];

/** `mesh-load check` */
export const checkFlags: readonly Flag[] = [
  ...inGroup("Gates:", gateRows),
  ...inGroup("Output:", [
    ["format", "choice", "What to write", { choices: checkFormats, default: "table" }],
    ["o", "file", "Write to a FILE instead of stdout"],
  ]),
];

/** `mesh-load inspect` */
export const inspectFlags: readonly Flag[] = inGroup("Options:", [
  [
    "pid",
    "whole",
    "Envoy's process, where it runs on this machine",
    { default: "found by its admin port", repeatable: true, example: "4711" },
  ],
]);
