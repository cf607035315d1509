/** Every format that result sets can be given in. A new one is a file beside this and a line here. */

import { bench } from "./bench.ts";
import { comparisonCsv } from "./comparison-csv.ts";
import { comparisonGithub } from "./comparison-github.ts";
import { renderComparisonJson } from "./comparison-json.ts";
import { comparisonJunit } from "./comparison-junit.ts";
import { comparisonMarkdown } from "./comparison-markdown.ts";
import { renderCheck, renderComparison } from "./comparison-table.ts";
import { connectionsCsv } from "./csv-connections.ts";
import { seriesCsv } from "./csv-series.ts";
import { stagesCsv } from "./csv-stages.ts";
import { csv } from "./csv.ts";
import { oneDocument } from "./document.ts";
import type { Document, Output } from "./document.ts";
import { fortio } from "./fortio.ts";
import { github } from "./github.ts";
import { hdrlog } from "./hdrlog.ts";
import { hgrm } from "./hgrm.ts";
import { comparisonHtml } from "./html/comparison-html.ts";
import { html } from "./html/html.ts";
import { json } from "./json.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { openmetrics } from "./openmetrics.ts";
import { table } from "./table.ts";
import type { ResultSet } from "../result/result.ts";

const inOne =
  (extension: string, render: (sets: readonly ResultSet[]) => Document["text"]): Output =>
  (sets) =>
    oneDocument(sets, extension, render(sets));

/** By the name that `-format` takes; docs/FORMATS.md says for whom each is. */
export const outputs = {
  table: (sets, page) => oneDocument(sets, "txt", table(sets, page)),
  csv: inOne("csv", csv),
  "csv-series": inOne("series.csv", seriesCsv),
  "csv-stages": inOne("stages.csv", stagesCsv),
  "csv-connections": inOne("connections.csv", connectionsCsv),
  json,
  markdown: inOne("md", markdown),
  github: inOne("txt", github),
  junit: inOne("xml", junit),
  bench: inOne("bench.txt", bench),
  fortio,
  hgrm,
  hdrlog: inOne("hlog", hdrlog),
  openmetrics: inOne("prom", openmetrics),
  html,
} as const satisfies Readonly<Record<string, Output>>;

export type OutputFormat = keyof typeof outputs;

/** The same for comparisons, and for checks where a format makes sense of one: one text each, or the promise of one. */
export const comparisonOutputs = {
  table: renderComparison,
  json: renderComparisonJson,
  markdown: comparisonMarkdown,
  github: comparisonGithub,
  junit: comparisonJunit,
  csv: comparisonCsv,
  html: comparisonHtml,
} as const;

export type ComparisonFormat = keyof typeof comparisonOutputs;

/** What the gates say of results without a baseline. */
export const checkOutputs = {
  table: renderCheck,
  json: renderComparisonJson,
  markdown: comparisonMarkdown,
  github: comparisonGithub,
  junit: comparisonJunit,
} as const;

export type CheckFormat = keyof typeof checkOutputs;
