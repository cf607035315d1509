/** A row for each kind of request: how many there were, and how long they took. */

import type { RequestKindResult, Run } from "../result/result.ts";
import { medianMs } from "./figures.ts";
import { renderGrid } from "./grid.ts";
import type { Group } from "./groups.ts";
import type { Look } from "./style.ts";

/** The kinds of every group under one head, counts summed over its runs; nothing where all requests are of one kind. */
export function requestKindTable(groups: readonly Group[], { style, width }: Look): string[] {
  const seen = groups
    .map(({ title, runs }) => ({ title, kinds: kindsOf(runs) }))
    .filter(({ kinds }) => kinds.length > 0);
  if (seen.length === 0) return [];
  const titles = ["", "weight", "requests", "failures", "p50", "p99"];
  const rows = seen.flatMap(({ kinds }) => kinds.map((runs) => kindRow(runs, seen.length > 1 ? "  " : "")));
  const [head, ...lines] = renderGrid(
    titles.map((title, i) => ({ title, align: i === 0 ? "left" : "right" })),
    rows,
    width,
  );
  const text = [style.dim("Per kind of request, latency in ms"), style.title(head!)];
  for (const { title, kinds } of seen) {
    if (seen.length > 1) text.push(title);
    text.push(...lines.splice(0, kinds.length));
  }
  return text;
}

/** Each kind as the runs have it, without those that cannot tell: their driver threads died. */
function kindsOf(runs: readonly Run[]): RequestKindResult[][] {
  const told = runs.map(({ requestKinds }) => requestKinds).filter((kinds) => kinds.length > 0);
  return (told[0] ?? []).map((_, kind) => told.map((kinds) => kinds[kind]!));
}

function kindRow(runs: readonly RequestKindResult[], indent: string): string[] {
  const { name, weight } = runs[0]!;
  const sum = (of: (kind: RequestKindResult) => number): string =>
    String(runs.reduce((total, kind) => total + of(kind), 0));
  const known = runs.filter(({ count }) => count > 0);
  return [
    `${indent}${name}`,
    String(weight),
    sum(({ count }) => count),
    sum(({ failures }) => failures),
    medianMs(known.map(({ p50Us }) => p50Us)),
    medianMs(known.map(({ p99Us }) => p99Us)),
  ];
}
