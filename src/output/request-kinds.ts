/** A row for each kind of request: how many there were, and how long they took. */

import { median } from "../order-statistics.ts";
import type { RequestKindResult } from "../result/result.ts";
import { formatMillis } from "../units.ts";
import { renderGrid } from "./grid.ts";
import type { Group } from "./groups.ts";
import type { Look } from "./style.ts";

/** The kinds of every group under one head, counts summed over its runs; nothing where all requests are of one kind. */
export function requestKindTable(groups: readonly Group[], { style, width }: Look): string[] {
  const seen = groups.filter(({ example }) => example.requestKinds.length > 0);
  if (seen.length === 0) return [];
  const titles = ["", "weight", "requests", "failures", "p50", "p99"];
  const rows = seen.flatMap((group) => kindRows(group, seen.length > 1 ? "  " : ""));
  const [head, ...lines] = renderGrid(
    titles.map((title, i) => ({ title, align: i === 0 ? "left" : "right" })),
    rows,
    width,
  );
  const text = [style.dim("Per kind of request, latency in ms"), style.title(head!)];
  for (const { title, example } of seen) {
    if (seen.length > 1) text.push(title);
    text.push(...lines.splice(0, example.requestKinds.length));
  }
  return text;
}

function kindRows({ example, runs }: Group, indent: string): string[][] {
  return example.requestKinds.map(({ name, weight }, i) => {
    const kinds = runs.map(({ requestKinds }) => requestKinds[i]!);
    const sum = (of: (kind: RequestKindResult) => number): string =>
      String(kinds.reduce((total, kind) => total + of(kind), 0));
    return [
      `${indent}${name}`,
      String(weight),
      sum(({ count }) => count),
      sum(({ failures }) => failures),
      formatMillis(median(kinds.map(({ p50Us }) => p50Us))),
      formatMillis(median(kinds.map(({ p99Us }) => p99Us))),
    ];
  });
}
