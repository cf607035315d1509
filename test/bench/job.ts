/** What a job of the benchmark is. */

import type { LabPlaces } from "../../src/lab/lab.ts";
import type { Column } from "./columns.ts";
import type { Program } from "./install.ts";
import type { Work } from "./peers/peer.ts";
import type { Entrant } from "./peers/peers.ts";
import type { RecorderPlan } from "./recorder.ts";
import type { Series } from "./series.ts";
import type { Table } from "./table.ts";

interface CommonJob {
  readonly name: string;
  readonly title: string;
  /** What is done and counted, in a sentence or two of Markdown. */
  readonly method: string;
}

/** The same load by every entrant on the same server. */
export interface LoadJob extends CommonJob {
  readonly work: Work;
  readonly server: "envoy" | RecorderPlan;
  readonly entrants: readonly Entrant[];
  /** One more run before each of them, with these changes, for the columns that subtract it. */
  readonly baseline?: Partial<Work>;
  readonly columns: readonly Column[];
  readonly rounds: number;
}

/** Something about mesh-load alone. */
export interface OwnJob extends CommonJob {
  readonly measure: (context: BenchContext) => Promise<Table>;
}

export interface LoadOutcome {
  readonly table: Table;
  readonly series: readonly Series[];
}

export type Job = LoadJob | OwnJob;

export interface BenchContext {
  readonly places: LabPlaces;
  /** By peer's name; a text says why it is missing. */
  readonly programs: ReadonlyMap<string, Program | string>;
  /** Binary of the arrival recorder, or why there is none. */
  readonly recorder: { readonly binary: string } | string;
  /** Instead of what the job says. */
  readonly rounds: number | null;
  readonly seconds: number | null;
  readonly note: (line: string) => void;
}
