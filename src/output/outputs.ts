/** Every format that a result set can be given in. */

import { renderCsv } from "./csv.ts";
import { renderJson } from "./json.ts";
import { renderTable } from "./table.ts";

/** By the name that `-format` takes: a result set in, text out. */
export const outputs = { table: renderTable, csv: renderCsv, json: renderJson } as const;

export type OutputFormat = keyof typeof outputs;
