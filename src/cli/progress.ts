/** What is seen while an experiment runs: on a terminal one live line, rewritten; otherwise a plain line a run's start and end. */

import { monotonicUs } from "../clock.ts";
import type { Clock } from "../clock.ts";
import type { ProgressEvent } from "../progress-event.ts";

export interface ProgressOptions {
  /** Where to write: stderr. */
  readonly stream: { write(text: string): unknown };
  /** The stream is a terminal that can rewrite a line. */
  readonly isTTY: boolean;
  readonly quiet: boolean;
  /** Width of the terminal. */
  readonly columns: number;
  readonly clock?: Clock;
}

/** Disposing clears the live line: nothing of it is left above the report. */
export interface Progress extends Disposable {
  /** A line to stay. */
  readonly note: (line: string) => void;
  readonly show: (event: ProgressEvent) => void;
}

const clearLine = "\r\u001B[K";

/** Progress of an experiment; `-quiet` gives one that is silent. */
export function createProgress({
  stream,
  isTTY,
  quiet,
  columns,
  clock = monotonicUs,
}: ProgressOptions): Progress {
  if (quiet) return { note: () => {}, show: () => {}, [Symbol.dispose]: () => {} };
  const eta = createEta(clock);
  const rate = createRate();
  let live = "";
  const rewrite = (line: string): void => {
    // The last column stays free: a line that fills it would wrap, and could not be cleared.
    live = line.slice(0, Math.max(0, columns - 1));
    stream.write(`${clearLine}${live}`);
  };
  const stay = (line: string): void => {
    stream.write(live === "" ? `${line}\n` : `${clearLine}${line}\n${live}`);
  };
  return {
    note: stay,
    show: (event) => {
      const remainingS = eta(event);
      const qps = rate(event);
      if (isTTY) rewrite(liveLine(event, { qps, remainingS }));
      else if (event.kind !== "tick") stay(plainLine(event));
    },
    [Symbol.dispose]: () => {
      if (live !== "") stream.write(clearLine);
      live = "";
    },
  };
}

function liveLine(
  event: ProgressEvent,
  { qps, remainingS }: { qps: number; remainingS: number | null },
): string {
  const { elapsedS, durationS, failures, kind } = event;
  const time =
    durationS > 0 ? `${elapsedS.toFixed(1)}/${durationS.toFixed(1)} s` : `${elapsedS.toFixed(1)} s`;
  const parts = [
    nameOf(event),
    kind === "run-started" ? "starting" : time,
    ...(kind === "tick" ? [`${qps.toFixed(0)} qps`] : []),
    ...(failures > 0 ? [`${failures} failed`] : []),
    ...(remainingS === null ? [] : [`ETA ${minutes(remainingS)}`]),
  ];
  return parts.join(" · ");
}

function plainLine(event: ProgressEvent): string {
  const { kind, durationS, elapsedS, requests, failures, summary } = event;
  if (kind === "run-started")
    return `${nameOf(event)} · ${durationS > 0 ? `${durationS.toFixed(1)} s` : "started"}`;
  const failed = failures > 0 ? `, ${failures} failed` : "";
  const outcome = summary === undefined ? "" : ` · ${summary}`;
  return `${nameOf(event)} · done: ${requests} requests in ${elapsedS.toFixed(1)} s${failed}${outcome}`;
}

/** `run 4/9 reuse_port #2`; a single run needs no number. */
function nameOf({ run, runs, name, repetition }: ProgressEvent): string {
  return runs === 1 ? name : `run ${run}${runs === 0 ? "" : `/${runs}`} ${name} #${repetition}`;
}

function minutes(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Requests a second since the event before, of the same run. */
function createRate(): (event: ProgressEvent) => number {
  let before = { run: 0, elapsedS: 0, requests: 0, qps: 0 };
  return ({ run, elapsedS, requests }) => {
    const since = before.run === run ? before : { elapsedS: 0, requests: 0, qps: 0 };
    const spanS = elapsedS - since.elapsedS;
    const qps = spanS > 0 ? (requests - since.requests) / spanS : since.qps;
    before = { run, elapsedS, requests, qps };
    return qps;
  };
}

/** Seconds until the last run ends, by the planned durations and what the runs so far took beside them. */
function createEta(clock: Clock): (event: ProgressEvent) => number | null {
  let startedUs = clock();
  let extraS = 0;
  let finished = 0;
  return ({ kind, run, runs, elapsedS, durationS }) => {
    if (kind === "run-started") startedUs = clock();
    if (kind === "run-finished") {
      finished++;
      extraS += Math.max(0, (clock() - startedUs) / 1e6 - durationS);
    }
    if (durationS === 0 || runs === 0) return null;
    const perRunS = durationS + (finished === 0 ? 0 : extraS / finished);
    const restOfRunS = kind === "run-finished" ? 0 : Math.max(0, durationS - elapsedS);
    return restOfRunS + (runs - run) * perRunS;
  };
}
