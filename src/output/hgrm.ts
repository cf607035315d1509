/** HdrHistogram's percentile distributions (.hgrm): a file for each mode, for its plotters. */

import { Histogram } from "../histogram.ts";
import { histogramOf } from "../result/distribution.ts";
import type { ResultSet } from "../result/result.ts";
import type { Document } from "./document.ts";
import { fileName } from "./file-name.ts";
import { groupOfRun, groupsOf } from "./groups.ts";
import type { Group } from "./groups.ts";

/** Latency in milliseconds, over all runs of a mode together: to look at, not to judge by. */
export function hgrm(sets: readonly ResultSet[]): Document[] {
  return sets.flatMap((set) =>
    groupsOf(set).map((group) => ({
      name: `${fileName(set.id, groupOfRun(set, group.example))}.hgrm`,
      text: merged(group).percentileText(),
    })),
  );
}

function merged({ runs }: Group): Histogram {
  const all = new Histogram();
  for (const { latency } of runs) all.add(histogramOf(latency));
  return all;
}
