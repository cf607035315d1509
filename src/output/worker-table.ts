/** A row for each Envoy worker of a run: what it held, what it did, and how much of the tail is its. */

import type { ResultSet, Run, WorkerResult } from "../result/result.ts";
import { formatShare } from "../units.ts";
import { quantileMs, unknown } from "./figures.ts";
import { renderGrid } from "./grid.ts";
import type { Group } from "./groups.ts";
import type { Look } from "./style.ts";

/** More workers than this are shown from both ends: the busiest and the idlest. */
const shownWorkers = 8;

/** The workers of every group's example run under one head; nothing where no worker is known. */
export function workerTable(set: ResultSet, groups: readonly Group[], { style, width }: Look): string[] {
  const seen = groups.filter(({ example }) => example.workers.length > 0);
  if (seen.length === 0) return [];
  const titles = ["", "connections", "requests", "CPU", "p50", "p99", "of the tail"];
  const rows = seen.flatMap(({ example }) =>
    shownOf(example).map((worker) => workerRow(set, example, worker)),
  );
  const [head, ...lines] = renderGrid(
    titles.map((title, i) => ({ title, align: i === 0 ? "left" : "right" })),
    rows,
    width,
  );
  const text = [style.title(head!)];
  for (const { title, runs, example } of seen) {
    const shown = shownOf(example).length;
    const hidden = example.workers.length - shown;
    text.push(runs.length === 1 ? title : `${title}, run ${example.order + 1}`, ...lines.splice(0, shown));
    if (hidden > 0) text.push(style.dim(`  and ${hidden} between them`));
  }
  return text;
}

function workerRow({ attribution }: ResultSet, run: Run, worker: WorkerResult): string[] {
  const split = attribution?.perRun.find(({ order }) => order === run.order);
  const own = split?.perWorker.find((one) => one.worker === worker.id);
  const mine = ({ workers }: Run): WorkerResult["latency"] =>
    workers.find(({ id }) => id === worker.id)!.latency;
  return [
    `  worker_${worker.id}${worker.name === undefined ? "" : ` (${worker.name})`}`,
    String(worker.connections),
    own === undefined ? String(worker.requests) : formatShare(own.requestShare),
    worker.cpuPercent === null ? unknown : `${Math.round(worker.cpuPercent)} %`,
    quantileMs([run], mine, "50"),
    quantileMs([run], mine, "99"),
    own === undefined ? unknown : formatShare(own.tailShare),
  ];
}

function shownOf({ workers }: Run): readonly WorkerResult[] {
  if (workers.length <= shownWorkers) return workers;
  const byLoad = workers.toSorted(
    (a, b) => b.connections - a.connections || b.requests - a.requests || a.id - b.id,
  );
  return [...byLoad.slice(0, shownWorkers / 2), ...byLoad.slice(-shownWorkers / 2)];
}
