/** The columns that say which run a row of CSV is of. */

import type { ResultSet, Run } from "../result/result.ts";
import { isRunOf } from "../result/run-of-target.ts";
import type { Columns } from "./csv-text.ts";

export interface RunRow {
  readonly set: ResultSet;
  readonly run: Run;
}

/** First in every CSV. */
export const runColumns: Columns<RunRow> = {
  schema: ({ set }) => set.schemaVersion,
  result_set: ({ set }) => set.id,
  started_at: ({ run }) => run.startedAt,
  run: ({ run }) => run.order,
  block: ({ run }) => run.block,
  side: ({ run }) => run.side,
  step: ({ run }) => run.step,
  hop: ({ run }) => run.target.hop,
  mode: ({ run }) => run.mode,
  mode_in_effect: ({ run }) => run.proof.inEffect,
  repetition: ({ run }) => run.repetition,
  state: ({ run }) => run.state,
};

/** Last in every CSV, after columns that readers may know by their number: it tells targets without a mode apart. */
export const targetColumn: Columns<RunRow> = {
  target: ({ set: { plan }, run }) =>
    plan.targets.find((target) => isRunOf(run, target))?.name ?? URL.parse(run.target.url)?.host,
};
