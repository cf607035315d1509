/** Every format that a result set can be given in. */

import { renderComparisonJson } from "./comparison-json.ts";
import { renderComparison } from "./comparison-table.ts";
import { renderCsv } from "./csv.ts";
import { renderJson } from "./json.ts";
import { renderTable } from "./table.ts";

/** By the name that `-format` takes: a result set in, text out. */
export const outputs = { table: renderTable, csv: renderCsv, json: renderJson } as const;

export type OutputFormat = keyof typeof outputs;

/** The same for comparisons. */
export const comparisonOutputs = { table: renderComparison, json: renderComparisonJson } as const;

export type ComparisonFormat = keyof typeof comparisonOutputs;
