/** The columns that say which run a row of CSV is of. */

import type { ResultSet, Run } from "../result/result.ts";
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
