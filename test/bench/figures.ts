/** The figures that the project holds itself to: mesh-load beside one peer, or beside the best of them. */

import * as column from "./columns.ts";
import type { Column } from "./columns.ts";
import { coarse, spin } from "./peers/peers.ts";
import { recordingJob } from "./recording-job.ts";
import { isOurs, ratiosOf, valuesOf } from "./series.ts";
import type { Series } from "./series.ts";
import { median } from "./statistics.ts";
import type { Table } from "./table.ts";

/** By job: the series of a load, or the table of what mesh-load alone did. */
export type Outcomes = ReadonlyMap<string, readonly Series[] | Table>;

interface Goal {
  /** At most so much; not given = it is told, and judged by nobody. */
  readonly must?: number;
  /** What is tried for beyond that. */
  readonly stretch?: number;
}

interface Figure extends Goal {
  readonly job: string;
  readonly what: string;
  readonly column: Column;
  /** The entrant of ours that is compared; `mesh-load` unless given. */
  readonly ours?: string;
  /** An entrant's name, or the peer whose median is the least. */
  readonly against: string;
}

const bestPeer = "the best peer";

const cpu = (job: string, against: string, goal: Goal = {}, ours?: string): Figure => ({
  job,
  what: "CPU/request",
  column: column.marginalCpu,
  against,
  ...(ours === undefined ? {} : { ours }),
  ...goal,
});

const atThreeThousand = { must: 0.7, stretch: 0.55 };

const figures: readonly Figure[] = [
  cpu("h1-full", "fortio", { must: 0.65, stretch: 0.6 }),
  cpu("h1-full", "oha", { must: 0.75 }),
  cpu("h1-full", "wrk", { stretch: 1.15 }),
  cpu("h1-full", "h2load"),
  ...[undefined, coarse.name].flatMap((ours) => [
    cpu("h1-3000", "fortio", ours === undefined ? atThreeThousand : {}, ours),
    cpu("h1-3000", "fortio -uniform", ours === undefined ? atThreeThousand : {}, ours),
    cpu("h1-3000", "oha", ours === undefined ? { stretch: 0.9 } : {}, ours),
    cpu("h1-3000", "h2load", {}, ours),
  ]),
  cpu("h1-short", "oha", { must: 1.15, stretch: 0.95 }),
  cpu("h1-short", "fortio"),
  cpu("h1-short", "wrk"),
  cpu("h2-64x1", "h2load", { must: 1.2, stretch: 1 }),
  cpu("h2-64x1", "fortio", { must: 0.32 }),
  cpu("h2-64x1", "oha"),
  cpu("h2-8x16", "h2load"),
  cpu("h2-8x16", "oha"),
  ...["fortio", "fortio -uniform", "oha", "h2load"].map((peer) => cpu("h2-3000", peer)),
  ...["tls-full", "tls-h2"].flatMap((job) => [
    cpu(job, "fortio", { must: 1, stretch: 0.7 }),
    cpu(job, "oha"),
    cpu(job, "h2load"),
  ]),
  cpu("tls-full", "wrk"),
  cpu("tls-short", "fortio"),
  cpu("tls-short", "oha"),
  ...["threads-20000", "threads-50000"].flatMap((job) =>
    ["fortio", "oha", "h2load"].flatMap((against) => [
      { job, what: "requests/s", column: column.requestsPerSecond, against },
      { job, what: "CPU/request", column: column.cpuPerRequest, against },
    ]),
  ),
  {
    job: "arrivals",
    what: "distance from the grid, p50",
    column: column.gridP50,
    against: bestPeer,
    must: 0.25,
    stretch: 0.12,
  },
  ...[1, 5, 20].flatMap((delayMs) =>
    [column.errorP50, column.errorP99].flatMap((error) =>
      ["mesh-load", spin.name].map((ours) => ({
        job: `delay-${delayMs}`,
        what: error.label.replace(" ms", ""),
        column: error,
        against: bestPeer,
        must: 1,
        ours,
      })),
    ),
  ),
  {
    job: "connections",
    what: "memory per connection",
    column: column.memoryPerConnection,
    against: "fortio",
    must: 1,
    stretch: 0.5,
  },
];

const recordingGoal: Goal = { must: 5, stretch: 3 };

/** One row for each figure whose job was done; `null` where there is none. */
export function figuresTable(outcomes: Outcomes): Table | null {
  const rows = figures.flatMap((figure) => {
    const series = outcomes.get(figure.job);
    return series === undefined || "rows" in series ? [] : [row(figure, series)];
  });
  const recording = outcomes.get(recordingJob.name);
  if (recording !== undefined && "rows" in recording) rows.push(recordingRow(recording));
  if (rows.length === 0) return null;
  return {
    headings: ["job", "figure", "of", "÷", "measured", "with start-up", "must", "stretch", ""],
    rows,
    notes: [
      "Medians of the ratios of each round. CPU/request is judged without start-up, which is told beside it.",
    ],
  };
}

function row(figure: Figure, all: readonly Series[]): string[] {
  const { job, what, must, stretch } = figure;
  const measured = all.filter(({ rounds }) => rounds.some((round) => round !== null));
  const ours = measured.find(({ entrant }) => entrant.name === (figure.ours ?? "mesh-load"));
  const theirs =
    figure.against === bestPeer
      ? best(measured, figure.column)
      : measured.find(({ entrant }) => entrant.name === figure.against);
  const ratio = (of: Column): number | null =>
    ours === undefined || theirs === undefined ? null : middle(ratiosOf(ours, theirs, of));
  const value = ratio(figure.column);
  const whole = figure.column === column.marginalCpu ? ratio(column.cpuPerRequest) : null;
  const against =
    figure.against === bestPeer && theirs !== undefined
      ? `${bestPeer}, ${theirs.entrant.name}`
      : figure.against;
  return [
    `\`${job}\``,
    what,
    figure.ours ?? "mesh-load",
    against,
    number(value),
    whole === null ? "" : number(whole),
    limit(must),
    limit(stretch),
    verdict(value, figure),
  ];
}

function recordingRow({ rows }: Table): string[] {
  const most = Math.max(...rows.map((cells) => Number(cells.at(-1))));
  return [
    `\`${recordingJob.name}\``,
    "recording and scraping, % of the driver's CPU",
    "mesh-load",
    "",
    number(most),
    "",
    limit(recordingGoal.must),
    limit(recordingGoal.stretch),
    verdict(most, recordingGoal),
  ];
}

/** The peer with the least median. */
function best(all: readonly Series[], of: Column): Series | undefined {
  const ranked = all
    .filter((series) => !isOurs(series))
    .map((series) => ({ series, value: middle(valuesOf(series, of)) ?? Infinity }))
    .filter(({ value }) => value < Infinity)
    .toSorted((a, b) => a.value - b.value);
  return ranked[0]?.series;
}

function middle(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null && Number.isFinite(value)) as number[];
  return known.length === 0 ? null : median(known);
}

function verdict(value: number | null, { must, stretch }: Goal): string {
  if (must === undefined && stretch === undefined) return "";
  if (value === null) return "not measured";
  if (stretch !== undefined && value <= stretch) return "stretch reached";
  if (must === undefined) return "stretch missed";
  return value <= must ? "reached" : "missed";
}

const number = (value: number | null): string => (value === null ? "–" : value.toFixed(2));
const limit = (value: number | undefined): string => (value === undefined ? "" : `≤ ${value}`);
