/** The workers of every proxy of a chain: connections, CPU, and from which worker of the hop before they come. */

import type { HopResult } from "../result/hops.ts";
import type { ResultSet, Run } from "../result/result.ts";
import { unknown } from "./figures.ts";
import { renderGrid } from "./grid.ts";
import { splitOf, titleOfExample } from "./groups.ts";
import type { Group } from "./groups.ts";
import type { Look } from "./style.ts";
import { percentileName } from "../units.ts";
import { hopTailRows, hopTailTitles } from "./hop-tail-table.ts";
import { wrap } from "./wrap.ts";

/** More workers before a hop than this would need a wider page: the result has them. */
const mostColumns = 4;

export const hopCaption =
  "Per hop at the end of the load: connections, CPU, and from which worker of the hop before they come";

export interface HopSection {
  readonly title: string;
  readonly rows: readonly string[][];
  /** What the tail is at each place of the way; none where no proxy told. */
  readonly places: readonly string[][];
  /** What it comes to, in words: a sentence a hop. */
  readonly notes: readonly string[];
}

/** A section for each group of which several proxies were watched, and the titles of its columns. */
export function hopSections(
  set: ResultSet,
  groups: readonly Group[],
): { titles: string[]; placeTitles: string[]; sections: HopSection[] } {
  const chains = groups.filter(({ example }) => example.hops.length > 0);
  const most = Math.max(0, ...chains.map(({ example }) => columnsOf(example)));
  const columns = most > mostColumns ? 0 : most;
  return {
    titles: ["", "connections", "CPU", ...Array.from({ length: columns }, (_, i) => `from worker_${i}`)],
    placeTitles: hopTailTitles(percentileName(set.attribution?.tailQuantile ?? set.plan.tailQuantile)),
    sections: chains.map((group) => {
      const { hops = [], tailByHop } = splitOf(set, group.example) ?? {};
      return {
        title: titleOfExample(group),
        rows: group.example.hops.flatMap((hop) => hopRows(hop, columns)),
        places: hopTailRows(tailByHop),
        notes: [...hops.map(({ sentence }) => sentence), tailByHop?.sentence ?? ""].filter(Boolean),
      };
    }),
  };
}

/** The same for a terminal; nothing where no chain was watched. */
export function hopTable(set: ResultSet, groups: readonly Group[], { style, width }: Look): string[] {
  const { titles, placeTitles, sections } = hopSections(set, groups);
  if (sections.length === 0) return [];
  const [head, ...lines] = renderGrid(
    titles.map((title, i) => ({ title, align: i === 0 ? "left" : "right" })),
    sections.flatMap(({ rows }) => rows.map(([name, ...figures]) => [`  ${name}`, ...figures])),
    width,
  );
  const text = [style.dim(hopCaption), style.title(head!)];
  for (const { title, rows, places, notes } of sections)
    text.push(
      title,
      ...lines.splice(0, rows.length),
      ...placeLines(places, placeTitles, { style, width }),
      ...notes.flatMap((note) => wrap(note, width, { first: "  ", hang: 4 })),
    );
  return text;
}

function placeLines(
  places: readonly string[][],
  titles: readonly string[],
  { style, width }: Pick<Look, "style" | "width">,
): string[] {
  if (places.length === 0) return [];
  const [head, ...lines] = renderGrid(
    titles.map((title, i) => ({ title, align: i === 0 || i === titles.length - 1 ? "left" : "right" })),
    places.map(([name, ...figures]) => [`  ${name}`, ...figures]),
    width,
  );
  return [style.title(head!), ...lines];
}

/** Workers of the hops that another one follows, and those that only its connections tell of. */
function columnsOf({ hops }: Run): number {
  const ids = [
    ...hops.slice(0, -1).flatMap(({ workers }) => workers.map(({ id }) => id)),
    ...hops.flatMap(({ links }) => links?.matrix.map(({ from }) => from) ?? []),
  ];
  return Math.max(-1, ...ids) + 1;
}

function hopRows({ hop, workers, links }: HopResult, columns: number): string[][] {
  return workers.map(({ id, name, connections, cpuPercent }) => [
    `hop ${hop} worker_${id}${name === undefined ? "" : ` (${name})`}`,
    connections === null ? unknown : String(connections),
    cpuPercent === null ? unknown : `${Math.round(cpuPercent)} %`,
    ...Array.from({ length: columns }, (_, from) => {
      if (links === null) return "";
      if (links.mapped === 0) return unknown;
      return String(links.matrix.find((pair) => pair.from === from && pair.to === id)?.connections ?? 0);
    }),
  ]);
}
