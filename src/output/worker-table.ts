/** A row for each Envoy worker of a run: what it held, what it did, and how much of the tail is its. */

import type { ResultSet, Run, WorkerResult } from "../result/result.ts";
import { formatShare, formatTimes } from "../units.ts";
import { quantileMs, unknown } from "./figures.ts";
import { renderGrid } from "./grid.ts";
import { splitOf, titleOfExample } from "./groups.ts";
import type { Group } from "./groups.ts";
import { knownWorkers } from "./known-workers.ts";
import type { KnownWorker } from "./known-workers.ts";
import type { Look } from "./style.ts";

/** More workers than this are shown from both ends: the busiest and the idlest. */
const mostShown = 8;

export const workerTitles = ["", "connections", "requests", "CPU", "p50", "p99", "of the tail"];

/** The workers of one run: of a group's example. */
export interface WorkerSection {
  readonly title: string;
  readonly rows: readonly string[][];
  /** How many workers lie between those shown. */
  readonly hidden: number;
  /** Those too, all by number. */
  readonly allRows: () => readonly string[][];
}

/** A section for each group whose workers are known. */
export function workerSections(set: ResultSet, groups: readonly Group[]): WorkerSection[] {
  return groups
    .filter(({ example }) => example.workers.length > 0)
    .map((group) => {
      const { example } = group;
      const shown = shownWorkers(example);
      const rowsOf = (workers: readonly KnownWorker[]): string[][] =>
        workers.map((worker) => workerRow(set, example, worker));
      return {
        title: `${titleOfExample(group)}${skewsOf(set, example)}`,
        rows: rowsOf(shown),
        hidden: example.workers.length - shown.length,
        allRows: () => rowsOf(knownWorkers(example)),
      };
    });
}

/** The busiest worker over the mean, by connections and by requests. */
function skewsOf(set: ResultSet, run: Run): string {
  const split = splitOf(set, run);
  if (!split?.connectionSkew || !split.requestSkew) return "";
  return `: skew of connections ${formatTimes(split.connectionSkew.maxOverMean)}, requests ${formatTimes(split.requestSkew.maxOverMean)}`;
}

/** The workers of every group's example run under one head; nothing where no worker is known. */
export function workerTable(set: ResultSet, groups: readonly Group[], { style, width }: Look): string[] {
  const sections = workerSections(set, groups);
  if (sections.length === 0) return [];
  const [head, ...lines] = renderGrid(
    workerTitles.map((title, i) => ({ title, align: i === 0 ? "left" : "right" })),
    sections.flatMap(({ rows }) => rows.map(([name, ...figures]) => [`  ${name}`, ...figures])),
    width,
  );
  const text = [style.title(head!)];
  for (const { title, rows, hidden } of sections) {
    text.push(title, ...lines.splice(0, rows.length));
    if (hidden > 0) text.push(style.dim(`  and ${hidden} between them`));
  }
  return text;
}

function workerRow(set: ResultSet, run: Run, worker: KnownWorker): string[] {
  const own = splitOf(set, run)?.perWorker.find((one) => one.worker === worker.id);
  const mine = ({ workers }: Run): WorkerResult["latency"] =>
    workers.find(({ id }) => id === worker.id)!.latency;
  return [
    `worker_${worker.id}${worker.name === undefined ? "" : ` (${worker.name})`}`,
    String(worker.connections ?? unknown),
    own === undefined ? String(worker.requests ?? unknown) : formatShare(own.requestShare),
    worker.cpuPercent === null ? unknown : `${Math.round(worker.cpuPercent)} %`,
    quantileMs([run], mine, "50"),
    quantileMs([run], mine, "99"),
    own === undefined ? unknown : formatShare(own.tailShare),
  ];
}

/** All workers, or of many the busiest and the idlest four. */
export function shownWorkers(run: Run): readonly KnownWorker[] {
  const workers = knownWorkers(run);
  if (workers.length <= mostShown) return workers;
  const byLoad = workers.toSorted(
    (a, b) =>
      (b.connections ?? 0) - (a.connections ?? 0) || (b.requests ?? 0) - (a.requests ?? 0) || a.id - b.id,
  );
  return [...byLoad.slice(0, mostShown / 2), ...byLoad.slice(-mostShown / 2)];
}
