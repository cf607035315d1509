/** What an experiment tells while it runs, for the progress line. */

export interface ProgressEvent {
  readonly kind: "run-started" | "tick" | "run-finished";
  /** Which run, from 1, and of how many; 0 where nobody knows beforehand. */
  readonly run: number;
  readonly runs: number;
  /** The target's name, such as the mode. */
  readonly name: string;
  /** Of this target, from 1. */
  readonly repetition: number;
  readonly elapsedS: number;
  /** Planned, warm-up included; 0 where it is not known. */
  readonly durationS: number;
  /** Since the run began. */
  readonly requests: number;
  readonly failures: number;
  /** The failures by status or reason. */
  readonly failed: Readonly<Record<string, number>>;
  /** In words, what came out; where a run has finished. */
  readonly summary?: string;
}
